// The pools of all cores: a request that finds no permit left on its own core asks the others to give up what
// lies idle there. Any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/io/loop.h"

namespace tollgate::forward {

class ConnectionPool;

class PoolRoster {
 public:
  // Each pool is used on its loop's thread alone, and leaves before it ends.
  void Join(io::Loop& loop, ConnectionPool& pool);
  void Leave(ConnectionPool& pool);
  // Asks every core to give up idle connections to an endpoint, as long as anybody waits for one.
  void AskFor(const std::string& endpoint);
  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Member {
    io::Loop* loop;
    ConnectionPool* pool;
  };
  std::mutex mutex_;
  std::vector<Member> members_;  // guarded by mutex_
  std::atomic<size_t> size_{0};
};

}  // namespace tollgate::forward
