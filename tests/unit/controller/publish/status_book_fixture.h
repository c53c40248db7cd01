// A status book under a clock that a test holds, and objects that take whatever it writes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/publish/status_book.h"
#include "tests/unit/controller/publish/verdicts.h"

namespace tollgate::publish {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StatusBookTest : public testing::Test {
 protected:
  std::unique_ptr<StatusBook> book_ = NewBook();
  SteadyTime now_{seconds(1'000)};
  std::map<ObjectKey, ObjectStatus> objects_;
  int reads_ = 0;
  std::vector<std::string> written_;  // names, since the last Settle

  static std::unique_ptr<StatusBook> NewBook() {
    return std::make_unique<StatusBook>("shop", StatusPatience{});
  }

  // Runs every errand that is due; returns how many statuses were written.
  size_t Settle() {
    written_.clear();
    while (auto errand = book_->Next(now_, Wall())) {
      if (errand->status) {
        written_.push_back(errand->object.name.name);
        objects_[errand->object] = *errand->status;
        book_->Written(errand->object, *errand->status, now_);
      } else {
        ++reads_;
        book_->Found(errand->object, objects_[errand->object], now_);
      }
    }
    return written_.size();
  }

  size_t Accept(const StatusInput& input) {
    book_->Accept(input, now_);
    return Settle();
  }
  size_t After(milliseconds time) {
    now_ += time;
    return Settle();
  }
  // The same compile, other proxies.
  size_t Proxies(StatusInput& input, std::vector<ProxyState> proxies) {
    input.proxies = std::move(proxies);
    return Accept(input);
  }

  WallMicros Wall() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch()).count();
  }
  StatusCondition Condition(const compile::ObjectVerdict& verdict, const std::string& type) {
    const StatusCondition* found = objects_[KeyOf(verdict)].Find(type);
    return found == nullptr ? StatusCondition{} : *found;
  }
  std::string Programmed(const compile::ObjectVerdict& verdict) {
    return Condition(verdict, "Programmed").reason;
  }
  std::string Enforced(const compile::ObjectVerdict& verdict) {
    return Condition(verdict, "Enforced").reason;
  }
};

}  // namespace tollgate::publish
