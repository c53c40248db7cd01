// Sends copies of requests, and throws their answers away. One for a core; one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "proxy/forward/connection_pool.h"
#include "proxy/forward/mirror_table.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

class MirrorSender {
 public:
  // So many may be under way on a core; further ones are dropped, so that a slow receiver costs no more than
  // some megabytes.
  static constexpr uint32_t kMostUnderWay = 64;
  // From the connection to the end of the answer. Whoever takes longer is no match for what it gets.
  static constexpr std::chrono::seconds kTimeout{5};
  // Of an answer so much is read, to keep the connection; else a new one is cheaper.
  static constexpr size_t kMostRead = size_t{1} << 20;

  // Outlived by both.
  MirrorSender(io::Loop& loop, ConnectionPool& pool) : loop_(loop), pool_(pool) {}
  MirrorSender(const MirrorSender&) = delete;
  MirrorSender& operator=(const MirrorSender&) = delete;

  struct Copy {
    std::shared_ptr<Endpoint> endpoint;  // nullptr: nobody is there
    std::string method;
    std::string request;  // head and body
  };
  // Soon, behind what the loop is at. `tally` lives as long as the loop serves.
  void Send(Copy copy, MirrorTally& tally);

 private:
  io::Task<void> Run(Copy copy, MirrorTally& tally);
  // Whether it was answered.
  io::Task<bool> Exchange(const Copy& copy);
  io::Task<UpstreamConnection> Connect(Endpoint& endpoint, SteadyTime deadline);

  io::Loop& loop_;
  ConnectionPool& pool_;
  uint32_t under_way_ = 0;
};

}  // namespace tollgate::forward
