// The exchange of one try, of whatever protocol its target speaks. One thread.
#pragma once

#include <memory>
#include <optional>

#include "proxy/forward/connection_pool.h"
#include "proxy/forward/http1_upstream.h"
#include "proxy/forward/http2_upstream.h"

namespace tollgate::forward {

class ExchangeSlot {
 public:
  ExchangeSlot() = default;
  ExchangeSlot(const ExchangeSlot&) = delete;
  ExchangeSlot& operator=(const ExchangeSlot&) = delete;
  ~ExchangeSlot() {
    if (http2_) http2_->Leave();
  }

  // All of them outlive it. Once.
  UpstreamExchange& Make(api::Target::Protocol protocol, io::Loop& loop, ConnectionPool& pool,
                         const Try& attempt) {
    if (!SpeaksHttp2(protocol)) return http1_.emplace(loop, pool, attempt);
    http2_ = std::make_shared<Http2Upstream>(loop, pool.http2(), attempt);
    return *http2_;
  }

 private:
  std::optional<Http1Upstream> http1_;
  std::shared_ptr<Http2Upstream> http2_;
};

}  // namespace tollgate::forward
