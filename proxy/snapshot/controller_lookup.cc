#include "proxy/snapshot/controller_lookup.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace tollgate::snapshot {
namespace {

// A new replica has to be reported to before it can lead; DNS of a cluster holds its answers for 30 s anyway.
constexpr std::chrono::seconds kInterval{5};

std::vector<ControllerAddress> ResolveAll(const std::vector<ControllerTarget>& targets) {
  std::vector<ControllerAddress> all;
  for (const ControllerTarget& target : targets) {
    for (ControllerAddress& address : target.Resolve()) all.push_back(std::move(address));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

ControllerLookup::ControllerLookup(std::vector<ControllerTarget> targets, std::shared_ptr<Mailbox> mailbox,
                                   OnFound on_found)
    : targets_(std::move(targets)), mailbox_(std::move(mailbox)), on_found_(std::move(on_found)) {}

SteadyTime ControllerLookup::LookUpWhenDue(SteadyTime now) {
  if (under_way_ || now < due_) return under_way_ ? now + kInterval : due_;
  due_ = now + kInterval;
  const bool may_change = std::any_of(targets_.begin(), targets_.end(),
                                      [](const ControllerTarget& target) { return target.is_name(); });
  if (!may_change) {
    on_found_(ResolveAll(targets_));
    return due_ = SteadyTime::max();
  }
  under_way_ = true;
  // Takes nothing of this object along: it may outlive it. The task does, but is run or dropped by the
  // mailbox.
  std::thread([targets = targets_, mailbox = mailbox_, this] {
    mailbox->Post([this, found = ResolveAll(targets)] {
      under_way_ = false;
      on_found_(found);
    });
  }).detach();
  return due_;
}

}  // namespace tollgate::snapshot
