#include "proxy/forward/probe_thread.h"

#include <utility>

namespace tollgate::forward {

ProbeThread::~ProbeThread() {
  if (!thread_.joinable()) return;
  loop_.Stop();
  thread_.join();
}

void ProbeThread::Follow(std::shared_ptr<const ForwardTables> tables) {
  const bool begun = thread_.joinable();
  if (!begun && tables->probes.upstreams().empty()) return;
  loop_.Post([this, tables = std::move(tables)]() mutable { prober_->Follow(std::move(tables)); });
  if (!begun) thread_ = std::thread([this] { loop_.Run(); });
}

}  // namespace tollgate::forward
