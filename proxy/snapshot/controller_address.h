// Where controllers are: as the operator writes it, and as it is dialled. Any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/result.h"

namespace tollgate::snapshot {

// One replica.
struct ControllerAddress {
  std::string host;  // as the operator wrote it: the name that its certificate must bear
  std::string ip;    // IPv6 without brackets
  uint16_t port = 0;

  auto operator<=>(const ControllerAddress&) const = default;
  // "10.0.0.7:9443", "[2001:db8::7]:9443"
  std::string ToString() const;
};

// A value of --controller: a name, behind which there may be any number of replicas, or an address.
class ControllerTarget {
 public:
  // "dns:///HOST:PORT", "HOST:PORT", "[V6]:PORT".
  static Result<ControllerTarget> Parse(std::string_view text);

  // Asks the system's resolver where that is not an address already; can take as long as that one likes.
  // Empty where the name is unknown now.
  std::vector<ControllerAddress> Resolve() const;

  const std::string& host() const { return host_; }
  // Whether the answer can change.
  bool is_name() const;

 private:
  ControllerTarget(std::string host, uint16_t port) : host_(std::move(host)), port_(port) {}

  std::string host_;
  uint16_t port_;
};

}  // namespace tollgate::snapshot
