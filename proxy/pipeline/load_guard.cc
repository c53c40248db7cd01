#include "proxy/pipeline/load_guard.h"

#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace tollgate::pipeline {
namespace {

// How often freed memory is given back to the kernel while there is too much: it takes some milliseconds.
constexpr std::chrono::seconds kTrimEvery{1};

size_t ResidentBytes() {
  size_t all_pages = 0;
  size_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> all_pages >> resident_pages;
  return resident_pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

bool LoadGuard::AddConnection() {
  const size_t before = connections_.fetch_add(1, std::memory_order_relaxed);
  if (limits_.connections == 0 || before < limits_.connections) return true;
  RemoveConnection();
  refused_connections_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

LoadGuard::Turn::Turn(LoadGuard* guard) : guard_(guard) {
  if (guard_ == nullptr) return;
  const size_t before = guard_->requests_.fetch_add(1, std::memory_order_relaxed);
  if (guard_->limits_.requests != 0 && before >= guard_->limits_.requests) refused_by_ = "request-limit";
  if (guard_->memory_full_.load(std::memory_order_relaxed)) refused_by_ = "memory-limit";
}

LoadGuard::Turn::~Turn() {
  if (guard_ != nullptr) guard_->requests_.fetch_sub(1, std::memory_order_relaxed);
}

void LoadGuard::LookAtMemory() {
  size_t resident = ResidentBytes();
  const auto full = [&] { return limits_.memory_bytes != 0 && resident > limits_.memory_bytes; };
  if (full() && SteadyNow() - trimmed_ >= kTrimEvery) {
    ::malloc_trim(0);  // what was freed counts as taken until then
    trimmed_ = SteadyNow();
    resident = ResidentBytes();
  }
  memory_bytes_.store(resident, std::memory_order_relaxed);
  memory_full_.store(full(), std::memory_order_relaxed);
}

size_t MemoryLimitOfContainer() {
  size_t limit = 0;
  // cgroup v2; "max" is no number.
  std::ifstream("/sys/fs/cgroup/memory.max") >> limit;
  return limit / 10 * 9;
}

}  // namespace tollgate::pipeline
