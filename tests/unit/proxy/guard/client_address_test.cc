// Whose address counts behind other proxies.
#include "proxy/guard/client_address.h"

#include <gtest/gtest.h>

#include "tests/kit/test_exchange.h"

namespace tollgate::guard {
namespace {

// Of a request that came from 192.0.2.7 with these lines.
std::string ClientOf(const std::string& lines, unsigned trusted) {
  kit::TestExchange x("GET", "/", "Host: a.example\r\n" + lines);
  FindClient(trusted, *x);
  return x->client().ip();
}

std::string ForwardedFor(const std::string& lines, unsigned trusted) {
  kit::TestExchange x("GET", "/", "Host: a.example\r\n" + lines);
  FindClient(trusted, *x);
  return std::string(x->forwarded_for);
}

TEST(ClientAddress, EntriesCountFromTheRight) {
  const std::string lines = "X-Forwarded-For: 203.0.113.1, 203.0.113.2, 203.0.113.3\r\n";
  EXPECT_EQ(ClientOf(lines, 1), "203.0.113.3");
  EXPECT_EQ(ClientOf(lines, 2), "203.0.113.2");
  EXPECT_EQ(ClientOf(lines, 3), "203.0.113.1");
}

TEST(ClientAddress, SeveralFieldsAreOneList) {
  const std::string lines =
      "X-Forwarded-For: 203.0.113.1,\r\nx-forwarded-for: ,2001:db8::2 , 203.0.113.3\r\n";
  EXPECT_EQ(ClientOf(lines, 2), "2001:db8::2");
  EXPECT_EQ(ClientOf(lines, 3), "203.0.113.1");
}

TEST(ClientAddress, PortsAndBracketsAreNoPartOfIt) {
  EXPECT_EQ(ClientOf("X-Forwarded-For: 203.0.113.1:4711\r\n", 1), "203.0.113.1");
  EXPECT_EQ(ClientOf("X-Forwarded-For: [2001:db8::2]\r\n", 1), "2001:db8::2");
  EXPECT_EQ(ClientOf("X-Forwarded-For: [2001:db8::2]:80\r\n", 1), "2001:db8::2");
}

TEST(ClientAddress, WhoDidNotComeThroughThemIsThePeer) {
  EXPECT_EQ(ClientOf("", 1), "192.0.2.7");
  EXPECT_EQ(ClientOf("X-Forwarded-For: 203.0.113.1\r\n", 2), "192.0.2.7");
  for (const char* no_address : {"unknown", "_hidden", ":80", "a.example", "203.0.113.1.", "[]"}) {
    EXPECT_EQ(ClientOf("X-Forwarded-For: " + std::string(no_address) + "\r\n", 1), "192.0.2.7") << no_address;
  }
}

TEST(ClientAddress, UpstreamsLearnTheWayFromThere) {
  EXPECT_EQ(ForwardedFor("X-Forwarded-For: 6.6.6.6, 203.0.113.1, 203.0.113.2\r\n", 2),
            "203.0.113.1, 203.0.113.2, 192.0.2.7");
  EXPECT_EQ(ForwardedFor("X-Forwarded-For: nobody\r\n", 1), "");
}

}  // namespace
}  // namespace tollgate::guard
