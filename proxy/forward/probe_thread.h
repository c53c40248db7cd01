// Where a process probes endpoints: beside its cores, so that a busy one does not make others seem unhealthy.
// Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "proxy/forward/prober.h"
#include "proxy/io/loop.h"

namespace tollgate::forward {

class ProbeThread {
 public:
  explicit ProbeThread(uint64_t seed) : prober_(std::make_unique<Prober>(loop_, seed)) {}
  ProbeThread(const ProbeThread&) = delete;
  ProbeThread& operator=(const ProbeThread&) = delete;
  ~ProbeThread();

  // As Prober::Follow has it, soon. The thread begins with the first configuration that wants probes. By one
  // thread at a time.
  void Follow(std::shared_ptr<const ForwardTables> tables);

 private:
  io::Loop loop_;
  std::unique_ptr<Prober> prober_;  // of the loop's thread
  std::thread thread_;              // last: uses all above
};

}  // namespace tollgate::forward
