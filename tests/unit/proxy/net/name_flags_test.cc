// Where the names of targets may lead, by what programs are told.
#include "proxy/net/name_flags.h"

#include <gtest/gtest.h>

namespace tollgate::net {
namespace {

bool Allows(const NameFlags& flags, Reach reach, const std::string& address) {
  const auto options = ReadNames(flags, reach);
  EXPECT_TRUE(options.ok());
  return options.ok() && options->rules.Allow(address);
}

TEST(NameFlags, AProxyOfAClusterGoesOutsideAlone) {
  EXPECT_FALSE(Allows({}, Reach::kOutside, "127.0.0.1"));
  EXPECT_FALSE(Allows({}, Reach::kOutside, "169.254.169.254"));
  EXPECT_TRUE(Allows({}, Reach::kOutside, "1.1.1.1"));
}

TEST(NameFlags, AndWhereItIsAllowedTo) {
  const NameFlags flags{.dns_servers = "", .external_cidrs = "10.20.0.0/16,192.168.1.1"};
  EXPECT_TRUE(Allows(flags, Reach::kOutside, "10.20.1.1"));
  EXPECT_TRUE(Allows(flags, Reach::kOutside, "192.168.1.1"));
  EXPECT_FALSE(Allows(flags, Reach::kOutside, "192.168.1.2"));
}

TEST(NameFlags, WhoeverOwnsTheMachineMayGoAnywhere) {
  EXPECT_TRUE(Allows({}, Reach::kEverywhere, "127.0.0.1"));
}

TEST(NameFlags, WhatCannotBeMeantIsNamed) {
  EXPECT_FALSE(ReadNames({.dns_servers = "localhost", .external_cidrs = ""}, Reach::kOutside).ok());
  EXPECT_FALSE(ReadNames({.dns_servers = "", .external_cidrs = "10.0.0.0/8,x"}, Reach::kOutside).ok());
  EXPECT_TRUE(
      ReadNames({.dns_servers = "10.96.0.10,127.0.0.1:5353,[::1]:53", .external_cidrs = ""}, Reach::kOutside)
          .ok());
}

}  // namespace
}  // namespace tollgate::net
