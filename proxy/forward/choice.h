// Which endpoints of an upstream a request is sent to, one after the other. One for a request; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "proxy/forward/attempt.h"
#include "proxy/forward/upstream_table.h"

namespace tollgate::forward {

class EndpointChoice {
 public:
  EndpointChoice(const UpstreamTable& table, const api::Rule& rule, snapshot::UpstreamIndex upstream)
      : table_(table), rule_(rule), upstream_(upstream) {}

  // Another one as long as there is one, then again those that made a connection. nullptr: none is left.
  Endpoint* Next(uint64_t random, SteadyTime now);
  // How a try at one ended, `status` where it was answered.
  void Note(Endpoint& endpoint, Ending ending, int status);
  // Another try follows one at this.
  void LeaveOut(Endpoint& endpoint, Ending ending);

 private:
  const UpstreamTable& table_;
  const api::Rule& rule_;
  const snapshot::UpstreamIndex upstream_;
  std::vector<Endpoint*> tried_;  // first those that made no connection, which are not asked again
  size_t unreachable_ = 0;        // how many those are
};

}  // namespace tollgate::forward
