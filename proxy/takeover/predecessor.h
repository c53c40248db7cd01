// The side of a takeover that is asked: a process that serves, and goes on until its successor says that it
// is ready. A thread of its own; the functions are the program's main thread's.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "proxy/takeover/listeners.h"
#include "proxy/takeover/socket_path.h"

namespace tollgate::takeover {

class Predecessor {
 public:
  // `at` is open. Only processes of `user` are heard.
  // `handed_over` becomes true when a successor is ready.
  Predecessor(SocketPath at, std::vector<Listener> listeners, std::atomic<bool>& handed_over,
              uid_t user = ::geteuid());
  ~Predecessor();
  Predecessor(const Predecessor&) = delete;
  Predecessor& operator=(const Predecessor&) = delete;

  // Readable once a successor is ready.
  int handed_over_signal() const { return handed_over_signal_.get(); }
  // Nobody takes over from now on, and who asks is told so; `handed_over` says what it came to.
  void Withdraw();

 private:
  void StartThread();
  void EndThread();
  void Serve();
  void Admit();
  void HearSuccessor();
  bool Offer(int successor) const;

  const SocketPath at_;
  std::vector<Listener> listeners_;  // the thread's
  const uid_t user_;
  io::Descriptor successor_;  // has the listeners, and is not ready yet; the thread's
  std::string refusal_;       // why who asks is refused; the thread's
  const io::Descriptor end_;
  const io::Descriptor handed_over_signal_;
  std::atomic<bool>& handed_over_;
  std::thread thread_;
};

}  // namespace tollgate::takeover
