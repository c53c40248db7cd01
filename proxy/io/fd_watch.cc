#include "proxy/io/fd_watch.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <utility>

namespace tollgate::io {

namespace asio = boost::asio;

struct FdWatch::State : std::enable_shared_from_this<FdWatch::State> {
  using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

  State(Loop& loop, int fd, OnReady ready) : descriptor(loop.context(), fd), on_ready(std::move(ready)) {}

  struct Direction {
    bool wanted = false;
    bool waiting = false;
  };

  void Await(Direction& direction) {
    if (!watched || !direction.wanted || std::exchange(direction.waiting, true)) return;
    const bool reads = &direction == &read;
    descriptor.async_wait(reads ? Descriptor::wait_read : Descriptor::wait_write,
                          [self = shared_from_this(), &direction, reads](boost::system::error_code error) {
                            direction.waiting = false;
                            if (error || !self->watched) return;
                            if (direction.wanted) self->on_ready(reads, !reads);
                            self->Await(direction);
                          });
  }

  Descriptor descriptor;
  const OnReady on_ready;
  Direction read;
  Direction write;
  bool watched = true;
};

FdWatch::FdWatch(Loop& loop, int fd, OnReady on_ready)
    : state_(std::make_shared<State>(loop, fd, std::move(on_ready))) {}

FdWatch::FdWatch(FdWatch&&) noexcept = default;

FdWatch::~FdWatch() {
  if (state_ == nullptr) return;
  state_->watched = false;
  (void)state_->descriptor.release();  // what waits ends
}

void FdWatch::Want(bool read, bool write) {
  state_->read.wanted = read;
  state_->write.wanted = write;
  state_->Await(state_->read);
  state_->Await(state_->write);
}

}  // namespace tollgate::io
