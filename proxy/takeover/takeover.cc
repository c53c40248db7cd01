#include "proxy/takeover/takeover.h"

#include <sys/epoll.h>

#include "api/base/log.h"

namespace tollgate::takeover {
namespace {

void Watch(int epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

Result<Takeover> Takeover::Begin(const std::string& path) {
  Takeover takeover;
  if (path.empty()) return takeover;
  Result<Successor> successor = Successor::Ask(path);
  if (!successor) return successor.error();
  takeover.successor_ = *std::move(successor);
  Result<SocketPath> place = SocketPath::Prepare(path);
  if (!place) return place.error();
  takeover.path_ = std::make_unique<SocketPath>(*std::move(place));
  return takeover;
}

void Takeover::SayReady() {
  // What nobody here listens at is not to be kept open: its callers would wait for ever.
  successor_.inheritance() = Inheritance();
  if (!has_predecessor()) return;
  const std::string process = std::to_string(successor_.predecessor());
  if (successor_.SayReady()) {
    log::Info("taking over from the process before", {{"predecessor", process}});
  } else {
    log::Warning("the process before ended while this one took over; its listeners are served",
                 {{"predecessor", process}});
  }
}

void Takeover::Offer(std::vector<Listener> listeners) {
  if (path_ == nullptr) return;
  if (const Status<> opened = path_->Open(); !opened) return log::Error(opened.error().message);
  predecessor_ = std::make_unique<Predecessor>(std::move(*path_), std::move(listeners), *handed_over_);
}

int Takeover::WakeOn(int signals) {
  wake_ = io::Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  Watch(wake_.get(), signals);
  if (predecessor_ != nullptr) Watch(wake_.get(), predecessor_->handed_over_signal());
  return wake_.get();
}

bool Takeover::End() {
  if (predecessor_ != nullptr) predecessor_->Withdraw();
  if (handed_over()) log::Info("another process has taken over; this one drains");
  return handed_over();
}

}  // namespace tollgate::takeover
