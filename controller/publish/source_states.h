// What the watched collections say of themselves, and what follows for a configuration: whether one may be
// made, and whose Secrets count as denied. Pure: time is passed in. One thread at a time.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/base/clock.h"

namespace tollgate::publish {

// What a collection is to a configuration.
struct SourceTraits {
  // The namespace whose Secrets it brings ("*": all); empty for other kinds.
  std::string secrets_space;
  // Its kind, where nothing is made while no collection of the kind could ever be listed; empty for others. A
  // table made without any route or plan would take away what proxies still serve from their journals.
  std::string essential_kind;
};

class SourceStates {
 public:
  using Id = size_t;
  enum class State {
    kSynced,   // all that was there was reported
    kRefused,  // 403 or 404
    kAway,     // no answer: nothing is known of its state
  };

  // A refusal counts when it has lasted for `patience`. Before that it may be an API server that has just
  // started: it refuses until it has read who may do what.
  explicit SourceStates(std::chrono::milliseconds patience) : patience_(patience) {}

  Id Add(SourceTraits traits);
  void Report(Id source, State state, SteadyTime now);
  // Lets the refusals count that have lasted long enough.
  void Judge(SteadyTime now);

  // Whether a refusal is still to be judged.
  bool undecided() const;
  // Whether every collection was listed once, or is refused for good.
  bool MayCompile() const;
  // The namespaces whose Secrets are refused for good, sorted.
  std::vector<std::string> DeniedSpaces() const;
  // Whether one of the two has changed since the last call.
  bool TakeChanged();

 private:
  struct Source {
    SourceTraits traits;
    bool listed = false;                      // once at least: what was known stays
    std::optional<SteadyTime> refused_since;  // not judged yet
    bool denied = false;
  };

  bool EssentialsListed() const;

  std::chrono::milliseconds patience_;
  std::vector<Source> sources_;
  bool changed_ = false;
};

}  // namespace tollgate::publish
