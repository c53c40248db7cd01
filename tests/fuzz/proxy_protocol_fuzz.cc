// Headers of the PROXY protocol: whatever comes is refused, read or waited for within the bound, and the same
// however it is cut.
#include <cstdint>
#include <string_view>

#include "proxy/http/proxy_protocol.h"
#include "tests/fuzz/require.h"

namespace tollgate::fuzz {
namespace {

using http::ProxyHeader;
using Status = ProxyHeader::Status;

void CheckHeader(std::string_view input, size_t cut) {
  const ProxyHeader whole = http::ParseProxyHeader(input);
  const ProxyHeader begun = http::ParseProxyHeader(input.substr(0, cut));
  if (begun.status == Status::kMalformed) Require(whole.status == Status::kMalformed, "no rest mends it");
  if (begun.status == Status::kDone) {
    Require(whole.status == Status::kDone && whole.length == begun.length, "no rest changes it");
    Require(whole.source.has_value() == begun.source.has_value(), "nor whose it is");
  }
  if (whole.status == Status::kIncomplete) {
    Require(input.size() < http::kMaxProxyHeaderBytes, "nothing is waited for beyond the bound");
  }
  if (whole.status != Status::kDone) return;
  Require(whole.length <= input.size() && whole.length >= http::kMinProxyHeaderBytes, "it has come");
  Require(http::ParseProxyHeader(input.substr(0, whole.length - 1)).status == Status::kIncomplete,
          "its last byte belongs to it");
  if (whole.source) Require(!whole.source->ip().empty(), "an address is one");
}

}  // namespace
}  // namespace tollgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  tollgate::fuzz::CheckHeader(input, data[0] % (input.size() + 1));
  return 0;
}
