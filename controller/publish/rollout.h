// How far the proxies have come with what was published: which of them serve the generation of an object.
// Pure; owned by the status book.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/compile/condition.h"
#include "controller/publish/proxy_book.h"

namespace tollgate::publish {

class Rollout {
 public:
  // Publications are numbered from 1; 0 stands for any that is not known (any more).
  using Number = uint64_t;

  // `version` is what is published from now on; with a fault it could not be, and proxies keep what they
  // have.
  Number Publish(const std::string& version, std::string fault);
  void SetProxies(std::vector<ProxyState> proxies);

  size_t connected() const { return connected_.size(); }
  // The condition Programmed of an object whose generation is part of every publication from `since` on: a
  // proxy that serves one of these serves the generation, whatever else was published meanwhile.
  compile::Condition Programmed(Number since) const;

 private:
  struct Progress {
    ProxyState state;
    Number serves = 0;
    Number answered = 0;
  };
  void Locate();
  void Forget();
  Number NumberOf(const std::string& version) const;

  Number newest_ = 0;
  std::string fault_;
  std::map<std::string, Number> numbers_;  // the newest publication of each version
  std::vector<Progress> connected_;
};

}  // namespace tollgate::publish
