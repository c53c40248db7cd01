// Says when a descriptor that belongs to somebody else can be read or written: for a library with sockets of
// its own. One thread: the loop's.
#pragma once

#include <functional>
#include <memory>

#include "proxy/io/loop.h"

namespace tollgate::io {

class FdWatch {
 public:
  // May end the watch that calls it.
  using OnReady = std::function<void(bool readable, bool writable)>;

  FdWatch(Loop& loop, int fd, OnReady on_ready);
  FdWatch(FdWatch&&) noexcept;
  // Leaves the descriptor open; it has to be so until then.
  ~FdWatch();

  // From now on, until it is said anew.
  void Want(bool read, bool write);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tollgate::io
