// Looks controllers' names up again and again, since replicas come and go behind them. Each look-up runs on a
// thread of its own: the system's resolver cannot be interrupted, and nobody is to wait for it at the end.
// One thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "proxy/snapshot/controller_address.h"
#include "proxy/snapshot/mailbox.h"

namespace tollgate::snapshot {

class ControllerLookup {
 public:
  // Called on the thread that takes from the mailbox, with every replica known now, sorted, each once.
  using OnFound = std::function<void(std::vector<ControllerAddress>)>;

  ControllerLookup(std::vector<ControllerTarget> targets, std::shared_ptr<Mailbox> mailbox, OnFound on_found);

  // Begins one where none is under way and the last is long enough ago. Returns when to call again.
  SteadyTime LookUpWhenDue(SteadyTime now);

 private:
  const std::vector<ControllerTarget> targets_;
  const std::shared_ptr<Mailbox> mailbox_;
  const OnFound on_found_;
  bool under_way_ = false;
  SteadyTime due_{};
};

}  // namespace tollgate::snapshot
