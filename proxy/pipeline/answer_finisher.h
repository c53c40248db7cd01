// Completes an upstream's answer with the gateway's own fields, lets the cache listen, and compresses the
// body behind it. One for an exchange; one thread.
#pragma once

#include <optional>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/cache/response_cache.h"
#include "proxy/cache/shared_tier.h"
#include "proxy/compress/compression.h"
#include "proxy/exchange/exchange.h"
#include "proxy/forward/answer_observer.h"
#include "proxy/pipeline/answer_writer.h"

namespace tollgate::pipeline {

// Where answers are kept: `shared` is nullptr where that is in memory alone.
struct CacheTiers {
  cache::ResponseCache& memory;
  cache::SharedTier* shared;
};

class AnswerFinisher final : public forward::AnswerObserver {
 public:
  AnswerFinisher(exchange::Exchange& x, AnswerWriter& writer, const CacheTiers& tiers,
                 const cache::CacheRequest& request, const cache::Lookup& lookup, const WallClock& clock)
      : x_(x),
        writer_(writer),
        tiers_(tiers),
        request_(request),
        lookup_(lookup),
        clock_(clock),
        sent_(clock.Now()) {}

  void OnHead(const http::ResponseHead& head, const http::Framing& framing,
              exchange::Answer& answer) override;
  void OnBody(std::string_view piece) override {
    if (recording_) recording_->Append(piece);
  }
  bool recodes() const override { return static_cast<bool>(compression_); }
  void Recode(std::string_view piece) override { compression_.Add(piece); }
  std::string_view Recoded(bool last) override {
    return compression_.Take(last ? compress::Encoder::Behind::kEnd : compress::Encoder::Behind::kPause);
  }
  void OnEnd(bool has_trailers) override {
    // A stored answer has none: who takes it from the cache would miss them.
    if (recording_ && !has_trailers) recording_->Commit();
  }

 private:
  exchange::Exchange& x_;
  AnswerWriter& writer_;
  const CacheTiers tiers_;
  const cache::CacheRequest& request_;
  const cache::Lookup& lookup_;
  const WallClock& clock_;
  const WallMicros sent_;
  std::optional<cache::Recording> recording_;
  compress::Compression compression_;
};

}  // namespace tollgate::pipeline
