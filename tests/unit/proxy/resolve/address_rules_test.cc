#include "proxy/resolve/address_rules.h"

#include <gtest/gtest.h>

namespace tollgate::resolve {
namespace {

constexpr AddressRules kAnywhere{};

AddressRules Outside(std::initializer_list<const char*> allowed = {}) {
  AddressRules rules{.outside_alone = true};
  for (const char* text : allowed) rules.allowed.push_back(*Cidr::Parse(text));
  return rules;
}

TEST(AddressRules, TheOwnerOfTheMachineMayNameAnyAddress) {
  for (const char* address : {"127.0.0.1", "::1", "169.254.169.254", "10.0.0.1", "203.0.114.1"}) {
    EXPECT_TRUE(kAnywhere.Allow(address)) << address;
  }
}

TEST(AddressRules, WhatIsReachedGloballyIsOutside) {
  for (const char* address : {"1.1.1.1", "203.0.114.1", "172.15.255.255", "172.32.0.0", "2606:4700::1111"}) {
    EXPECT_TRUE(Outside().Allow(address)) << address;
  }
}

TEST(AddressRules, ThisMachineLinksAndPrivateNetworksAreNot) {
  for (const char* address :
       {"127.0.0.1", "0.0.0.0", "169.254.169.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1"}) {
    EXPECT_FALSE(Outside().Allow(address)) << address;
  }
}

TEST(AddressRules, AnAddressOfIpv6DoesNotHideOneOfIpv4) {
  for (const char* address :
       {"::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a00:1::", "::127.0.0.1"}) {
    EXPECT_FALSE(Outside().Allow(address)) << address;
  }
  EXPECT_TRUE(Outside().Allow("64:ff9b::101:101"));
}

TEST(AddressRules, NetworksMayBeAllowed) {
  const AddressRules rules = Outside({"10.20.0.0/16", "fd00::/8"});
  EXPECT_TRUE(rules.Allow("10.20.255.1"));
  EXPECT_TRUE(rules.Allow("fd00::1"));
  EXPECT_FALSE(rules.Allow("10.21.0.1"));
  EXPECT_FALSE(rules.Allow("127.0.0.1"));
}

}  // namespace
}  // namespace tollgate::resolve
