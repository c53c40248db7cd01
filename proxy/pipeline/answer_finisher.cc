#include "proxy/pipeline/answer_finisher.h"

#include <utility>

#include "proxy/cache/cache_status.h"

namespace tollgate::pipeline {

void AnswerFinisher::OnHead(const http::ResponseHead& head, const http::Framing& framing,
                            exchange::Answer& answer) {
  if (tiers_.shared != nullptr) {
    tiers_.shared->AnswerSeen(x_.head.method, x_.target.host, x_.target.path, head.status);
  } else {
    tiers_.memory.AnswerSeen(x_.head.method, x_.target.host, x_.target.path, head.status);
  }
  if (lookup_.kind == cache::Lookup::Kind::kMiss) {
    if (auto recording = tiers_.memory.Record(request_, lookup_, head, framing, sent_, clock_.Now())) {
      recording_.emplace(std::move(*recording));
    }
  }
  x_.cache_status = cache::CacheStatus(lookup_, recording_.has_value(), x_.arena);
  compression_ = writer_.TakeOver(x_, answer);
  if (head.fields.Find(http::KnownHeader::kDate) == nullptr) answer.Add("Date", writer_.Date());
  writer_.AddGatewayFields(x_, answer);
}

}  // namespace tollgate::pipeline
