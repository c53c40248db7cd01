// The names that the configuration of the moment serves over TLS, for handshakes. One for a core; one thread.
#pragma once

#include "api/base/clock.h"
#include "proxy/io/tls.h"
#include "proxy/pipeline/serving_state.h"

namespace tollgate::net {

class LiveNames final : public io::TlsNames {
 public:
  LiveNames(const pipeline::LiveState& live, const WallClock& clock) : live_(live), clock_(clock) {}

  std::shared_ptr<const io::TlsTerms> Find(std::string_view name) override {
    const std::shared_ptr<const pipeline::ServingState>& state = live_.Pin();
    return state == nullptr ? nullptr : state->tls.Show(name, clock_.Now() / 1'000'000);
  }

 private:
  pipeline::LiveState::Reader live_;
  const WallClock& clock_;
};

}  // namespace tollgate::net
