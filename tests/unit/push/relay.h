// A TCP proxy between two ends of the push that can go wrong in the ways of networks: stop passing bytes on
// without closing anything, or cut after a number of them. A thread of its own; any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace tollgate::push {

class Relay {
 public:
  // Listens on a free port of 127.0.0.1 and connects to `target` there.
  explicit Relay(uint16_t target);
  ~Relay();

  uint16_t port() const { return port_; }
  // Passes on nothing that the controller sends: its buffers fill up.
  void HoldBackController(bool hold) { hold_controller_ = hold; }
  // Passes on nothing at all, as when a machine is unplugged.
  void BlackHole(bool on) { black_hole_ = on; }
  // Cuts every connection once it has passed on this many bytes from the controller; 0: never.
  void CutAfter(uint64_t bytes) { cut_after_ = bytes; }

  uint64_t from_controller() const { return from_controller_; }
  int accepted() const { return accepted_; }

 private:
  struct Pair;
  void Run();
  void Accept();
  // False: the pair is over.
  bool Pass(Pair& pair, short client_events, short server_events);

  const uint16_t target_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> hold_controller_{false};
  std::atomic<bool> black_hole_{false};
  std::atomic<uint64_t> cut_after_{0};
  std::atomic<uint64_t> from_controller_{0};
  std::atomic<int> accepted_{0};
  std::atomic<bool> over_{false};
  std::vector<std::unique_ptr<Pair>> pairs_;
  std::thread thread_;
};

}  // namespace tollgate::push
