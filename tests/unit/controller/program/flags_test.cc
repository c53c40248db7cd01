// What tollgate-controller takes for its flags, and what it says of those that cannot be meant.
#include <gmock/gmock.h>

#include <functional>

#include "controller/controller_flags.h"

namespace tollgate {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const std::function<void(ControllerFlags&)>& set) {
  ControllerFlags flags;
  set(flags);
  const Status<> checked = flags.Check();
  return checked.ok() ? "accepted" : checked.error().message;
}

TEST(ControllerFlags, DefaultsAreAccepted) {
  EXPECT_EQ(Refusal([](ControllerFlags&) {}), "accepted");
}

TEST(ControllerFlags, WhatScriptsGiveIsAccepted) {
  EXPECT_EQ(Refusal([](ControllerFlags& flags) {
              flags.installation = "edge-1";
              flags.namespaces = {"market", "*"};
              flags.secret_namespaces = {"market"};
              flags.push_address = "[::1]:0";
              flags.metrics_address = "10.0.0.1:9090";
              flags.push_names = {"controller.gateway.svc", "10.0.0.1", "fd00::1"};
              flags.host_policy = "Open";
              flags.proxy_service = "gateway/tollgate-proxy";
            }),
            "accepted");
}

TEST(ControllerFlags, WhatCannotBeMeantIsNamedWithTheRemedy) {
  EXPECT_EQ(Refusal([](auto& flags) { flags.host_policy = "open"; }),
            "--host-policy \"open\" is unknown; write Owned or Open");
  EXPECT_EQ(Refusal([](auto& flags) { flags.installation = "Edge"; }),
            "--installation \"Edge\" is no name; write lower case letters, digits and hyphens");
  EXPECT_EQ(Refusal([](auto& flags) {
              flags.namespaces = {"market", "a/b"};
            }),
            "--namespaces \"a/b\" is no namespace; write names with commas between them, or *");
  EXPECT_THAT(Refusal([](auto& flags) { flags.secret_namespaces = {""}; }), HasSubstr("--secret-namespaces"));
  EXPECT_THAT(Refusal([](auto& flags) { flags.push_names = {"a b"}; }),
              HasSubstr("--push-names: \"a b\" cannot stand in a certificate"));
}

TEST(ControllerFlags, AddressIsAnIpAddressAndAPort) {
  for (const char* address : {"9443", "localhost:9443", ":99999", ":", "::1:9443", "10.0.0.1", ""}) {
    EXPECT_THAT(Refusal([&](auto& flags) { flags.push_address = address; }), HasSubstr("--push-address"))
        << address;
    EXPECT_THAT(Refusal([&](auto& flags) { flags.metrics_address = address; }),
                HasSubstr("--metrics-address"))
        << address;
  }
}

TEST(ControllerFlags, ProxyServiceIsANamespaceAndAName) {
  for (const char* service :
       {"proxies", "gateway/", "/proxies", "a/b/c", "Gateway/proxies", "gateway/pro xies"}) {
    EXPECT_EQ(Refusal([&](auto& flags) { flags.proxy_service = service; }),
              std::string("--proxy-service \"") + service + "\" names no Service; write NAMESPACE/NAME");
  }
  ControllerFlags flags;
  EXPECT_FALSE(flags.proxies());
  flags.proxy_service = "gateway/proxies";
  EXPECT_EQ(flags.proxies(), (resource::ObjectName{"gateway", "proxies"}));
}

}  // namespace
}  // namespace tollgate
