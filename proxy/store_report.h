// Tells the controllers how this proxy's shared stores are, for as long as it lives: a thread that looks ten
// times a second, which is how often a store that is lost is tried again.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "proxy/net/gateway.h"
#include "proxy/snapshot/receiver.h"

namespace tollgate {

class StoreReport {
 public:
  // Both must outlive this.
  StoreReport(const net::Gateway& gateway, snapshot::Receiver& receiver)
      : thread_([&gateway, &receiver](const std::stop_token& stop) {
          constexpr std::chrono::milliseconds kPause{100};
          std::mutex mutex;
          std::condition_variable_any wake;
          std::unique_lock lock(mutex);
          while (!stop.stop_requested()) {
            receiver.ReportStores(gateway.Stores());
            wake.wait_for(lock, stop, kPause, [] { return false; });
          }
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace tollgate
