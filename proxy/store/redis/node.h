// One Redis server as this process knows it: where it is, and whether it may be asked. The circuit: while it
// is open no request touches the server; a prober of its own tries it on fresh connections, and closes the
// circuit when it answers well again. One for a process and server; any thread, but for what says otherwise.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"
#include "proxy/store/redis/connection.h"
#include "proxy/store/redis/store_address.h"

namespace tollgate::store {

// What a node is asked before it is used: a task on the prober's loop. The fault says what it answered. Where
// the question takes longer than NodeOptions::slow_after, the answer counts as none.
using Probe = std::function<io::Task<Status<>>(RedisConnection&)>;

struct NodeOptions {
  std::string name;  // "limits" or "cache": for logs and metrics
  StoreAddress address;
  std::string meanwhile = {};  // what becomes of requests while it cannot be used: ends the log's sentence
  Probe probe;
  std::chrono::milliseconds slow_after{10};
  std::chrono::milliseconds probe_every{100};
  unsigned probes_to_close = 3;
  // Asked now and then while the circuit is closed, for what may change under way; its fault changes nothing.
  // May be empty.
  Probe look = {};
  std::chrono::milliseconds look_every{5000};
};

class RedisNode {
 public:
  // Begins to look for the server. The circuit is open until it was found once.
  explicit RedisNode(NodeOptions options);
  ~RedisNode();

  const StoreAddress& address() const { return options_.address; }
  const std::string& name() const { return options_.name; }

  // Whether the circuit is open: then nobody may ask the server.
  bool open() const { return open_.load(std::memory_order_acquire); }
  // How many times it has opened. What belongs to one outage is told by it from what belongs to the next.
  uint64_t outages() const { return outages_.load(std::memory_order_acquire); }
  // Opens the circuit; `why` continues the sentence "the store cannot be used: ".
  void Trip(const std::string& why);
  // Why it is open; empty while it is closed.
  std::string trouble() const;
  // Where the server was found. Only while the circuit is closed.
  io::Address server() const;

  // `changed` is called after each opening and closing, on any thread, for the node's life; it returns at
  // once, and asks the node for what is true by then.
  void Subscribe(std::function<void()> changed);

  // Waits until the server was found, or found missing, for the first time; at most so long.
  void AwaitFirstVerdict(std::chrono::milliseconds longest) const;

 private:
  io::Task<void> Prober();
  io::Task<void> TryToClose();
  void NoteNotFound(const std::string& why);
  io::Task<Status<>> Ask(const Probe& question);
  Result<std::vector<io::Address>> Resolve() const;
  void CloseCircuit(const io::Address& server);
  void TellTrouble(const std::string& why) const;
  void Announce();

  const NodeOptions options_;
  std::atomic<bool> open_{true};
  std::atomic<uint64_t> outages_{0};
  std::atomic<bool> judged_{false};

  mutable std::mutex mutex_;
  std::string trouble_;    // guarded by mutex_
  io::Address server_;     // guarded by mutex_
  SteadyTime open_since_;  // guarded by mutex_

  std::mutex subscribers_mutex_;
  std::vector<std::function<void()>> subscribers_;  // guarded by subscribers_mutex_

  io::Loop loop_;
  // The prober's.
  io::Address found_;
  bool was_used_ = false;  // the circuit was closed before
  unsigned good_ = 0;      // answers in a row
  SteadyTime next_look_{};
  std::jthread thread_;
};

}  // namespace tollgate::store
