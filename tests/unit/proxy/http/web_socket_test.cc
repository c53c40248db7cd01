// What opens a WebSocket, and what does not.
#include "proxy/http/web_socket.h"

#include <gtest/gtest.h>

#include "tests/kit/heads.h"

namespace tollgate::http {
namespace {

bool Asks(std::string_view lines, std::string_view method = "GET", int minor_version = 1) {
  return AsksForWebSocket(kit::Request(method, "/", lines, minor_version).head());
}
bool Opens(std::string_view lines, std::string_view key = {}) {
  return OpensWebSocket(kit::Response(101, lines).head(), key);
}

constexpr char kBoth[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

TEST(WebSocket, IsAskedForByBothFieldsInAnyCase) {
  EXPECT_TRUE(Asks(kBoth));
  EXPECT_TRUE(Asks("UPGRADE: h2c, WebSocket\r\nConnection: keep-alive\r\nConnection: x, upgrade\r\n"));
}

TEST(WebSocket, IsNotAskedForByLess) {
  EXPECT_FALSE(Asks("Upgrade: websocket\r\n"));
  EXPECT_FALSE(Asks("Connection: Upgrade\r\n"));
  EXPECT_FALSE(Asks("Upgrade: h2c\r\nConnection: Upgrade\r\n"));
  EXPECT_FALSE(Asks("Upgrade: websockets\r\nConnection: Upgrade\r\n"));
  EXPECT_FALSE(Asks(kBoth, "POST"));
  EXPECT_FALSE(Asks(kBoth, "GET", 0));
}

TEST(WebSocket, IsOpenedByBothFields) {
  EXPECT_TRUE(Opens(kBoth));
  EXPECT_FALSE(Opens("Upgrade: websocket\r\n"));
  EXPECT_FALSE(Opens("Upgrade: h2c\r\nConnection: Upgrade\r\n"));
}

// The pair of RFC 6455, section 1.3.
TEST(WebSocket, AKeyOfOursHasToBeProved) {
  constexpr char kKey[] = "dGhlIHNhbXBsZSBub25jZQ==";
  EXPECT_TRUE(Opens(std::string(kBoth) + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", kKey));
  EXPECT_FALSE(Opens(std::string(kBoth) + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n", kKey));
  EXPECT_FALSE(Opens(kBoth, kKey));
}

TEST(WebSocket, AKeyIsSixteenBytesOfChance) {
  const std::string key = MakeWebSocketKey();
  EXPECT_EQ(key.size(), 24U);
  EXPECT_TRUE(key.ends_with("=="));
  EXPECT_NE(key, MakeWebSocketKey());
}

}  // namespace
}  // namespace tollgate::http
