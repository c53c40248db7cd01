// A request that is copied to its rule's mirror: when its body has come whole, or there is none. One for a
// request; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "proxy/exchange/exchange.h"
#include "proxy/forward/heads.h"
#include "proxy/forward/mirror_sender.h"
#include "proxy/forward/request_body.h"
#include "proxy/forward/upstream_endpoints.h"

namespace tollgate::forward {

class Mirroring final : public BodyObserver {
 public:
  // All outlive it. `destination` is what the upstream is asked for, of which the copy is one.
  Mirroring(const exchange::Exchange& x, const Destination& destination, MirrorSender& sender,
            MirrorTally& tally)
      : x_(x), destination_(destination), sender_(sender), tally_(tally) {}

  // What has not been sent by now, because the body was too long or did not come, is not sent at all.
  ~Mirroring();

  // Whether the body has to be kept; without one the copy is sent now. To the endpoint that `random`
  // chooses.
  bool Begin(std::shared_ptr<const UpstreamEndpoints> receivers, uint64_t random);

  void OnWholeBody(std::string_view body) override;

 private:
  void Send(std::string_view body);

  const exchange::Exchange& x_;
  const Destination destination_;
  MirrorSender& sender_;
  MirrorTally& tally_;
  std::shared_ptr<Endpoint> receiver_;
  bool over_ = true;  // nothing is to be sent, or it has been
};

}  // namespace tollgate::forward
