// Which endpoints of an upstream a request is sent to, one after the other. One for a request; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "proxy/forward/upstream_table.h"
#include "proxy/forward/verdict.h"
#include "proxy/http/head.h"

namespace tollgate::forward {

class EndpointChoice {
 public:
  // `fields` are the request's; `names` as UpstreamTable::EndpointsOf has it.
  EndpointChoice(const UpstreamTable& table, const api::Rule& rule, snapshot::UpstreamIndex upstream,
                 const http::Fields& fields, LiveNamedTable::Reader* names = nullptr);

  // Another one as long as there is one, then again those that made a connection. nullptr: none is left.
  Endpoint* Next(uint64_t random, SteadyTime now);
  // Where the host of an endpoint is to be found besides; nullptr: nowhere. As long as this lives.
  const io::Address* AlternateTo(const Endpoint& endpoint) const;
  // Whether there is nobody to be asked since the upstream's name leads to no address.
  bool nameless() const { return table_.IsNamed(upstream_) && endpoints_->ready.empty(); }
  // How a try at one ended, `status` where it was answered.
  void Note(Endpoint& endpoint, Ending ending, int status);
  // Another try follows one at this.
  void LeaveOut(Endpoint& endpoint, Ending ending);

 private:
  Selection SelectionAt(uint64_t random, SteadyTime now) const;

  const UpstreamTable& table_;
  const api::Rule& rule_;
  const snapshot::UpstreamIndex upstream_;
  const std::shared_ptr<const UpstreamEndpoints> endpoints_;
  Balance balance_ = Balance::kLeastRequests;
  uint64_t key_ = 0;              // of kConsistentHash
  std::vector<Endpoint*> tried_;  // first those that made no connection, which are not asked again
  size_t unreachable_ = 0;        // how many those are
};

}  // namespace tollgate::forward
