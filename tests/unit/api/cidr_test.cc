#include "api/base/cidr.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

std::string Canonical(std::string_view text) {
  const std::optional<Cidr> cidr = Cidr::Parse(text);
  return cidr ? cidr->ToString() : "";
}

bool Contains(std::string_view network, std::string_view address) {
  return Cidr::Parse(network)->Contains(*ParseIp(address));
}

TEST(Cidr, HasOneForm) {
  EXPECT_EQ(Canonical("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(Canonical("10.1.2.3/8"), "10.0.0.0/8");
  EXPECT_EQ(Canonical("192.0.2.255/31"), "192.0.2.254/31");
  EXPECT_EQ(Canonical("192.0.2.7"), "192.0.2.7/32");
  EXPECT_EQ(Canonical("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(Canonical("2001:DB8:0:0::1/33"), "2001:db8::/33");
  EXPECT_EQ(Canonical("::1"), "::1/128");
  EXPECT_EQ(Canonical("::/0"), "::/0");
  EXPECT_EQ(Canonical("::ffff:10.0.0.0/104"), "10.0.0.0/8");
}

TEST(Cidr, WhatIsNoNetworkIsNotTakenForOne) {
  for (const char* text :
       {"", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/8 ",
        "10.0.0.0/8/8", "example.com", "1", "::1%eth0", "10.0.0.0/18446744073709551615"}) {
    EXPECT_EQ(Canonical(text), "") << text;
  }
}

TEST(Cidr, HoldsTheAddressesOfItsBits) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(Contains("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(Contains("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(Contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(Contains("::/0", "2001:db8::1"));
}

TEST(Cidr, FamiliesAreKeptApart) {
  EXPECT_FALSE(Contains("::/0", "192.0.2.7"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
  // What a socket for both families makes of an IPv4 caller.
  EXPECT_TRUE(Contains("10.0.0.0/8", "::ffff:10.1.1.1"));
}

}  // namespace
}  // namespace tollgate
