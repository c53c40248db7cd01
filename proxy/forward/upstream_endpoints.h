// The endpoints of an upstream at one moment, and the choice among them. Immutable but for what the endpoints
// themselves know; any thread.
#pragma once

#include <memory>
#include <vector>

#include "proxy/forward/balancing.h"
#include "proxy/forward/endpoint.h"

namespace tollgate::forward {

struct UpstreamEndpoints {
  std::shared_ptr<UpstreamRecord> record;
  Endpoints ready;
  Endpoints terminating = {};  // used only where no ready one is left

  // One of them, leaving out those in `tried`: a terminating one where no other is available, and one that is
  // out of use where that is all there is. nullptr where none is left.
  Endpoint* Choose(const Selection& selection, const std::vector<Endpoint*>& tried) const;
  // A try at one of them spoke against it.
  void NoteFailure(const api::PassiveHealth& policy, Endpoint& endpoint, SteadyTime now) const;
  // Of the other family than `endpoint`, where the upstream has both: whoever cannot be reached over one may
  // be over the other (RFC 8305). The same for the same endpoint.
  const Endpoint* OtherFamily(const Endpoint& endpoint) const;

 private:
  Heed HeedFor(const Selection& selection) const;
};

}  // namespace tollgate::forward
