// Whether a request is sent again after a try that failed: by its rule's policy, its method, and how much of
// what the upstream has to do is repetition already. One for a request; one thread.
#pragma once

#include <cstdint>

#include "proxy/exchange/exchange.h"
#include "proxy/forward/try_terms.h"
#include "proxy/forward/upstream_record.h"
#include "proxy/forward/verdict.h"

namespace tollgate::forward {

class Retries {
 public:
  // So many repeats may be under way at an upstream however few requests are: a fifth of few is none, and a
  // lone failure could never be repeated; three at a time are no load.
  static constexpr uint32_t kAlwaysAllowed = 3;
  // An upstream that refuses a request this often, on connections that are about to end, refuses it indeed.
  static constexpr uint32_t kMostRefusals = 3;

  // `upstream` outlives this.
  Retries(const api::Retry& policy, const exchange::Exchange& x, UpstreamRecord& upstream);
  ~Retries();
  Retries(const Retries&) = delete;
  Retries& operator=(const Retries&) = delete;

  // Of the next try.
  TryTerms Terms() const;

  // Whether another try follows one that ended so; `status` is the answer's, where there is one;
  // `whole_body`: the request's body can be sent from its beginning, or it has none. Takes from what is left:
  // ask once for each try.
  bool Follow(Ending ending, int status, bool whole_body = false);

 private:
  bool Allows(Ending ending, int status) const;
  bool TakeFromBudget();

  const api::Retry& policy_;
  UpstreamRecord& upstream_;
  // Its method may reach the upstream twice, and there is no body, which is not kept for a second time.
  const bool replayable_;
  const bool repeatable_;  // and the rule wants that
  uint32_t left_;
  bool replayed_ = false;
  uint32_t refusals_ = 0;
  bool repeats_ = false;  // counted in the upstream's active_repeats
};

}  // namespace tollgate::forward
