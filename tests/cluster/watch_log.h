// Keeps what a Watch tells, as a store would: the objects by name, and the states it went through. Tests wait
// on conditions of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kube/watch.h"

namespace tollgate::testing {

class WatchLog final : public kube::WatchObserver {
 public:
  struct State {
    kube::WatchState state;
    std::string sentence;
  };
  struct Contents {
    std::map<std::string, nlohmann::json> objects;  // by name
    std::vector<State> states;
    int replacements = 0;
    int events = 0;
    int openings = 0;
    int bookmarks = 0;

    bool Has(const std::string& name) const { return objects.contains(name); }
    bool Is(kube::WatchState state) const { return !states.empty() && states.back().state == state; }
    int Times(kube::WatchState state) const {
      return static_cast<int>(
          std::count_if(states.begin(), states.end(), [&](const State& s) { return s.state == state; }));
    }
  };

  // Waits until the condition holds; false after a minute, with what there was on stderr.
  bool Await(const std::function<bool(const Contents&)>& condition,
             std::chrono::seconds patience = std::chrono::seconds(60)) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, patience, [&] { return condition(contents_); })) return true;
    for (const auto& [state, sentence] : contents_.states) {
      fprintf(stderr, "  was %s: %s\n", std::string(ToString(state)).c_str(), sentence.c_str());
    }
    fprintf(stderr, "  with %zu objects, %d lists, %d events\n", contents_.objects.size(),
            contents_.replacements, contents_.events);
    return false;
  }
  bool Await(kube::WatchState state) {
    return Await([=](const Contents& contents) { return contents.Is(state); });
  }

  Contents contents() {
    const std::lock_guard lock(mutex_);
    return contents_;
  }
  std::string sentence() { return contents().states.back().sentence; }

 private:
  void OnReplaced(std::vector<std::string> objects) override {
    const std::lock_guard lock(mutex_);
    contents_.objects.clear();
    for (const auto& text : objects) Put(text);
    ++contents_.replacements;
    changed_.notify_all();
  }

  void OnEvent(kube::ObjectChange change, std::string_view object) override {
    const std::lock_guard lock(mutex_);
    if (change == kube::ObjectChange::kDeleted) {
      contents_.objects.erase(NameOf(nlohmann::json::parse(object)));
    } else {
      Put(object);
    }
    ++contents_.events;
    changed_.notify_all();
  }

  void OnOpened() override {
    const std::lock_guard lock(mutex_);
    ++contents_.openings;
    changed_.notify_all();
  }
  void OnBookmark() override {
    const std::lock_guard lock(mutex_);
    ++contents_.bookmarks;
    changed_.notify_all();
  }

  void OnState(kube::WatchState state, const std::string& sentence) override {
    const std::lock_guard lock(mutex_);
    contents_.states.push_back({state, sentence});
    changed_.notify_all();
  }

  static std::string NameOf(const nlohmann::json& object) { return object["metadata"]["name"]; }
  void Put(std::string_view text) {
    const auto object = nlohmann::json::parse(text);
    contents_.objects[NameOf(object)] = object;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Contents contents_;
};

}  // namespace tollgate::testing
