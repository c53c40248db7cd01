// Asks endpoints now and then whether they work, beside the requests of callers. One for a process: what it
// finds counts for all cores. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "proxy/forward/forwarder.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

class Prober final : io::Timer {
 public:
  Prober(io::Loop& loop, uint64_t seed) : loop_(loop), random_state_(seed | 1) {}
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober() override;

  // From now on what this configuration wants, and what its names lead to. What is known of an endpoint stays
  // where it is still probed in the same way, and is forgotten where it is not.
  void Follow(std::shared_ptr<const ForwardTables> tables);

 private:
  class Probe;

  void OnTimer() override;
  // Begins the probes that are wanted and missing, and ends those that nobody wants.
  void Reconcile();
  io::Task<void> Ask(std::shared_ptr<Probe> probe);
  SteadyTime::duration Jittered(SteadyTime::duration interval);
  SteadyTime::duration Part(SteadyTime::duration whole);

  io::Loop& loop_;
  uint64_t random_state_;
  std::shared_ptr<const ForwardTables> tables_;
  std::optional<LiveNamedTable::Reader> names_;
  std::shared_ptr<const NamedTable> seen_;                // what the probes were made by
  std::map<std::string, std::shared_ptr<Probe>> probes_;  // by endpoint and terms
};

}  // namespace tollgate::forward
