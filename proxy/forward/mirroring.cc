#include "proxy/forward/mirroring.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/base/clock.h"

namespace tollgate::forward {
namespace {

// By which the receiver tells a copy. No caller can send it: its own is removed with all of Tollgate's.
constexpr std::string_view kMark = "X-Tollgate-Mirror: true\r\n";

std::shared_ptr<Endpoint> ReceiverAmong(const UpstreamEndpoints& receivers, uint64_t random) {
  const Endpoint* const chosen = receivers.Choose({random, SteadyNow()}, {});
  const auto found = std::find_if(receivers.ready.begin(), receivers.ready.end(),
                                  [chosen](const auto& endpoint) { return endpoint.get() == chosen; });
  return found == receivers.ready.end() ? nullptr : *found;
}

}  // namespace

Mirroring::~Mirroring() {
  if (!over_) tally_.dropped.fetch_add(1, std::memory_order_relaxed);
}

bool Mirroring::Begin(std::shared_ptr<const UpstreamEndpoints> receivers, uint64_t random) {
  over_ = false;
  receiver_ = ReceiverAmong(*receivers, random);
  const http::Framing& framing = x_.downstream.request_framing();
  if (!framing.has_body()) {
    Send({});
    return false;
  }
  // One that is known to be too long is not kept in vain.
  return framing.kind != http::Framing::Kind::kLength || framing.length <= RequestBody::kMostKept;
}

void Mirroring::OnWholeBody(std::string_view body) { Send(body); }

void Mirroring::Send(std::string_view body) {
  over_ = true;
  MirrorSender::Copy copy{receiver_, std::string(x_.head.method), {}};
  if (receiver_ != nullptr) {
    http::Framing framing{body.empty() ? http::Framing::Kind::kNone : http::Framing::Kind::kLength};
    framing.length = body.size();
    WriteRequestHead(x_, {destination_.path, receiver_->name, destination_.host}, framing, copy.request);
    copy.request.insert(copy.request.size() - 2, kMark);
    copy.request.append(body);
  }
  sender_.Send(std::move(copy), tally_);
}

}  // namespace tollgate::forward
