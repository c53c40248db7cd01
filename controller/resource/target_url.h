// The host outside the cluster that a target of type URL is, and the twins of what the CRD says of it. Pure;
// any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "controller/resource/constraints.h"

namespace tollgate::resource {

struct TargetUrl {
  bool secure = false;  // https
  std::string host;     // a DNS name in lower case, or a literal address without brackets
  int port = 0;

  // "legacy.example.net", "[::1]:8443": with its port where that is not the one of its scheme.
  std::string Authority() const;
  // With its port in any case: the same for all that lead to the same place.
  std::string ToString() const;

  bool operator==(const TargetUrl&) const = default;
};

// Nothing where the text is no such URL.
std::optional<TargetUrl> ReadTargetUrl(std::string_view text);

// What a cluster refuses, and a file may have: whoever writes the files of a machine may name its own
// addresses.
inline constexpr std::string_view kOutsideTheCluster =
    "a url names a host outside the cluster: no IP address, localhost, *.svc or *.cluster.local; for a "
    "Service "
    "use serviceRef";

// Of the text of a url.
Broken UrlIsHostAlone(const nlohmann::json& url);
Broken UrlIsOutsideTheCluster(const nlohmann::json& url);
// Of a target.
Broken ServiceGoesWithItsType(const nlohmann::json& target);
Broken UrlGoesWithItsType(const nlohmann::json& target);
Broken UrlSaysItsProtocol(const nlohmann::json& target);
Broken TlsNeedsHttpsUrl(const nlohmann::json& target);

}  // namespace tollgate::resource
