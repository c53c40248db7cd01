// The whole of a takeover as a program goes through it: what it takes over from the process before it, and
// what the next one takes over from it. Main thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "proxy/takeover/predecessor.h"
#include "proxy/takeover/successor.h"

namespace tollgate::takeover {

inline constexpr char kFlagHelp[] =
    "Unix socket by which processes replace one another with no connection refused: one that starts with it "
    "takes the listening sockets over from the one that was started with it before, which then drains. "
    "Empty: no such thing";

class Takeover {
 public:
  // An empty path: this process takes nothing over, and nobody takes over from it. Else fails with a sentence
  // where it could not do both.
  static Result<Takeover> Begin(const std::string& path);

  // Whether there is a process that serves until SayReady().
  bool has_predecessor() const { return successor_.has_predecessor(); }
  // It does not any more: what it listened on is this one's alone.
  bool predecessor_gone() const { return successor_.predecessor_gone(); }
  Inheritance& inheritance() { return successor_.inheritance(); }
  // All is there to serve with: the process before drains from now on, and this one has to accept.
  void SayReady();
  // What the next process is given.
  void Offer(std::vector<Listener> listeners);

  // Readable when `signals` is, and once this process has been taken over from.
  int WakeOn(int signals);
  // Nobody takes over from now on. True: somebody has.
  bool End();
  // Any thread.
  bool handed_over() const { return handed_over_->load(); }

 private:
  Takeover() = default;

  std::unique_ptr<std::atomic<bool>> handed_over_ = std::make_unique<std::atomic<bool>>(false);
  Successor successor_;
  std::unique_ptr<SocketPath> path_;
  std::unique_ptr<Predecessor> predecessor_;
  io::Descriptor wake_;
};

}  // namespace tollgate::takeover
