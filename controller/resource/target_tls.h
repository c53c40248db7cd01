// How a target of a rule is spoken to: absent stays absent. Plain data; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "controller/resource/authorities.h"

namespace tollgate::resource {

enum class Protocol { kHttp, kH2c, kGrpc, kHttps, kGrpcs };

inline bool SpeaksGrpc(Protocol protocol) {
  return protocol == Protocol::kGrpc || protocol == Protocol::kGrpcs;
}
inline bool SpeaksHttp2(Protocol protocol) { return SpeaksGrpc(protocol) || protocol == Protocol::kH2c; }
inline bool SpeaksTls(Protocol protocol) {
  return protocol == Protocol::kHttps || protocol == Protocol::kGrpcs;
}

struct TargetTls {
  std::vector<AuthorityRef> authorities;  // none: those of the system
  std::optional<std::string> server_name;
  std::optional<std::string> client_certificate;  // name of a Secret in the route's own namespace

  bool operator==(const TargetTls&) const = default;
};

Protocol ReadProtocol(const nlohmann::json& target);
TargetTls ReadTargetTls(const nlohmann::json& target);

}  // namespace tollgate::resource
