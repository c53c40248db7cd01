#include "proxy/forward/tunnel.h"

#include <algorithm>

#include "proxy/http/web_socket.h"

namespace tollgate::forward {

using exchange::Error;
using exchange::Problem;
using std::chrono::milliseconds;
using Status = http::BodyPiece::Status;

namespace {

// A wait for the caller without a limit looks so often whether there still is none.
constexpr std::chrono::hours kLongWait{1};

}  // namespace

std::optional<Error> CheckOpening(const exchange::Exchange& x, const http::ResponseHead& head) {
  const auto invalid = [](std::string_view reason) {
    return Error{.problem = Problem::kUpstreamInvalid,
                 .detail = "The upstream's answer does not fit the WebSocket that was asked for.",
                 .reason = reason};
  };
  if (head.status == 101 && !x.web_socket) return invalid("switched-unasked");
  if (head.status == 101 && !http::OpensWebSocket(head, x.web_socket_key))
    return invalid("switched-otherwise");
  // Over HTTP/2 any success says that the tunnel is open (RFC 8441, section 5).
  const bool success = head.status >= 200 && head.status <= 299;
  if (x.web_socket && x.head.major_version == 2 && success) return invalid("not-switched");
  return std::nullopt;
}

SteadyTime Tunnel::IdleEnd() const {
  return limits_.idle.count() == 0 ? limits_.end : std::min(limits_.end, used_ + limits_.idle);
}

void Tunnel::Break(std::string_view reason) {
  if (std::exchange(broken_, true)) return;
  const bool cut = x_.downstream.caller() == exchange::Caller::kCut;
  x_.reason = cut ? ReasonOf(exchange::Caller::kCut) : reason;
  upstream_.Close();
  x_.downstream.Abort();
}

io::Task<void> Tunnel::Run(const exchange::Answer& head) {
  const bool delivered = co_await x_.downstream.SendHead(head, {}, false);
  if (!delivered) {
    x_.reason = ReasonOf(x_.downstream.caller());
    co_return;
  }
  used_ = SteadyNow();
  io::Detach(CarryUp());
  co_await CarryDown();
  co_await up_over_;
}

io::Task<void> Tunnel::CarryUp() {
  while (!broken_) {
    const auto left = std::chrono::duration_cast<milliseconds>(IdleEnd() - SteadyNow()) + milliseconds(1);
    x_.downstream.SetBodyIdle(std::clamp<milliseconds>(left, milliseconds(1), kLongWait));
    const http::BodyPiece piece = co_await x_.downstream.ReadBody();
    if (broken_) break;
    if (piece.status == Status::kEnd) {
      (void)co_await upstream_.SendEnd();
      break;
    }
    if (piece.status == Status::kTimeout && InUse()) continue;
    if (piece.status == Status::kTimeout) {
      Break(WhyIdle());
    } else if (piece.status != Status::kData) {
      Break(ReasonOf(exchange::Caller::kGone));
    } else {
      used_ = SteadyNow();
      upstream_.SetWriteDeadline(IdleEnd());
      const bool taken = co_await upstream_.SendBody(piece.data);
      if (!taken) Break("tunnel-upstream-gone");
    }
  }
  up_over_.Set();
}

io::Task<void> Tunnel::CarryDown() {
  http::BodyPiece piece = upstream_.TakeBufferedBody();
  while (!broken_) {
    const bool end = piece.status == Status::kEnd;
    if (end || (piece.status == Status::kData && !piece.data.empty())) {
      used_ = SteadyNow();
      const bool delivered = co_await x_.downstream.SendBody(piece.data, end);
      if (!delivered) Break(ReasonOf(exchange::Caller::kGone));
      if (end) co_return;
    } else if (piece.status == Status::kTimeout) {
      if (!InUse()) Break(WhyIdle());
    } else if (piece.status != Status::kData) {
      Break("tunnel-upstream-gone");
    }
    if (broken_) co_return;
    upstream_.SetReadDeadline(IdleEnd());
    piece = co_await upstream_.ReadBody();
  }
}

}  // namespace tollgate::forward
