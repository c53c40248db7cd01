// The side of a takeover that asks: a process at its start. One thread.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>

#include "api/base/result.h"
#include "proxy/takeover/listeners.h"

namespace tollgate::takeover {

class Successor {
 public:
  // Asks who listens at `path` for its listeners. Where nobody does there is nothing to take over, which is
  // no fault; where somebody does and they do not come, it is. Only the same user is believed.
  static Result<Successor> Ask(const std::string& path, uid_t user = ::geteuid());

  bool has_predecessor() const { return predecessor_.ok(); }
  // It has ended, or is about to: nobody but this process accepts any more.
  bool predecessor_gone() const;
  pid_t predecessor() const { return process_; }
  Inheritance& inheritance() { return inheritance_; }

  // This process begins to accept: the predecessor drains from now on. False: it has ended meanwhile.
  bool SayReady();

 private:
  Status<> ReceiveListeners();

  io::Descriptor predecessor_;
  pid_t process_ = 0;
  Inheritance inheritance_;
};

}  // namespace tollgate::takeover
