// Takes endpoints out of use whose requests fail one after the other, and says when so many are out that it
// is likelier the judgement that is wrong. Any thread.
#pragma once

#include <memory>
#include <vector>

#include "api/snapshot.pb.h"
#include "proxy/forward/endpoint.h"
#include "proxy/forward/upstream_record.h"

namespace tollgate::forward {

using Endpoints = std::vector<std::shared_ptr<Endpoint>>;

// A try at one of `ready`, an upstream's endpoints, spoke against it.
void NoteFailure(const api::PassiveHealth& policy, const Endpoints& ready, UpstreamRecord& upstream,
                 Endpoint& endpoint, SteadyTime now);

// Whether more than `percent` of the endpoints are out of use: then health is ignored and all are asked,
// since what is left could not bear it. Counted ten times a second at most.
bool IsPanic(const Endpoints& ready, UpstreamRecord& upstream, uint32_t percent, SteadyTime now);

size_t CountUnavailable(const Endpoints& endpoints, SteadyTime now);

}  // namespace tollgate::forward
