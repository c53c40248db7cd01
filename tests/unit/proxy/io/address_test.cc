#include "proxy/io/address.h"

#include <gtest/gtest.h>

namespace tollgate::io {
namespace {

std::string Reread(std::string_view text) {
  const std::optional<Address> address = Address::Parse(text);
  return address ? address->ToString() : "refused";
}

TEST(Address, LiteralsAreReadAndWritten) {
  EXPECT_EQ(Reread("127.0.0.1:8080"), "127.0.0.1:8080");
  EXPECT_EQ(Reread("[::1]:8080"), "[::1]:8080");
  EXPECT_EQ(Reread("[2001:DB8:0::1]:443"), "[2001:db8::1]:443");
  EXPECT_EQ(Reread("0.0.0.0:0"), "0.0.0.0:0");
  EXPECT_EQ(Reread("127.0.0.1:65535"), "127.0.0.1:65535");
}

TEST(Address, PortAloneIsEveryAddress) { EXPECT_EQ(Reread(":8080"), "[::]:8080"); }

TEST(Address, WhatIsWrittenIsReadBack) {
  for (const char* text : {"127.0.0.1:1", "[::1]:2", "[fe80::1:2]:3"})
    EXPECT_EQ(Reread(Reread(text)), Reread(text));
}

TEST(Address, NothingElseIsAccepted) {
  for (const char* text : {"",
                           "8080",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+1",
                           "127.0.0.1: 80",
                           "127.0.0.1:80 ",
                           "127.0.0.1:http",
                           "::1:8080",
                           "[::1]",
                           "[]:80",
                           "[127.0.0.1]:80",
                           "[::1:80",
                           "::1]:80",
                           "localhost:80",
                           "127.0.0:80",
                           "127.0.0.256:80",
                           "[::g]:80",
                           "*:80",
                           "[::1]x:80",
                           "127.1:80"}) {
    EXPECT_EQ(Reread(text), "refused") << text;
  }
}

TEST(Address, AnIpv4AddressIsShownAsItIsWritten) {
  for (const std::string text : {"0.0.0.0", "1.20.255.9", "255.255.255.255"})
    EXPECT_EQ(Address::FromLiteral(text, 80)->ip(), text);
}

TEST(Address, MappedAddressShowsItsIpv4Form) {
  const std::optional<Address> address = Address::FromLiteral("::ffff:192.0.2.7", 80);
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_ipv6());
  EXPECT_EQ(address->ip(), "192.0.2.7");
  EXPECT_EQ(address->ToString(), "192.0.2.7:80");
}

TEST(Address, NamesAndBracketsAreNoLiterals) {
  for (const char* text : {"", "localhost", "[::1]", "127.0.0.1:80", "1.2.3", "fe80::1%eth0"}) {
    EXPECT_FALSE(Address::FromLiteral(text, 80)) << text;
  }
}

}  // namespace
}  // namespace tollgate::io
