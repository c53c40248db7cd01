// Headers of the PROXY protocol by its text: what it allows is read, the same however it is cut, and nothing
// else is.
#include "proxy/http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tollgate::http {
namespace {

using Status = ProxyHeader::Status;

std::string Binary(std::string_view command_and_family, std::string_view rest) {
  std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
  header.append(command_and_family);
  header += static_cast<char>(rest.size() >> 8);
  header += static_cast<char>(rest.size() & 0xFF);
  return header.append(rest);
}

const std::string kV4Block("\xC0\x00\x02\x07\x0A\x00\x00\x01\x30\x39\x00\x50", 12);
const std::string kV6Block = std::string("\x20\x01\x0D\xB8", 4) + std::string(11, '\0') + "\x07" +
                             std::string(16, '\1') + std::string("\x30\x39\x00\x50", 4);

struct Good {
  std::string text;
  std::string source;  // empty: the connection's own counts
};

std::vector<Good> GoodHeaders() {
  return {
      {"PROXY TCP4 192.0.2.7 10.0.0.1 12345 80\r\n", "192.0.2.7:12345"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"},
      {"PROXY TCP6 2001:db8::7 ::1 12345 80\r\n", "[2001:db8::7]:12345"},
      {"PROXY UNKNOWN\r\n", ""},
      {"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", ""},
      {Binary("\x21\x11", kV4Block), "192.0.2.7:12345"},
      {Binary("\x21\x21", kV6Block), "[2001:db8::7]:12345"},
      {Binary("\x21\x31", std::string(216, 'p')), ""},
      {Binary(std::string("\x21\x00", 2), ""), ""},
      {Binary(std::string("\x20\x00", 2), ""), ""},
      {Binary("\x20\x11", "anything"), ""},  // of the balancer's own: whatever it says is passed over
      {Binary("\x21\x11", kV4Block + std::string("\x02\x00\x03"
                                                 "abc\x04\x00\x00",
                                                 9)),
       "192.0.2.7:12345"},
      {Binary("\x21\x11", kV4Block + std::string("\x04\x0F\xE1", 3) + std::string(4065, 'x')),
       "192.0.2.7:12345"},  // as long as one may be
  };
}

TEST(ProxyProtocol, BothVersionsTellTheCaller) {
  for (const Good& good : GoodHeaders()) {
    const ProxyHeader header = ParseProxyHeader(good.text);
    ASSERT_EQ(header.status, Status::kDone) << good.text;
    EXPECT_EQ(header.length, good.text.size());
    EXPECT_EQ(header.source ? header.source->ToString() : "", good.source) << good.text;
  }
}

TEST(ProxyProtocol, WhatFollowsIsNotItsOwn) {
  for (const Good& good : GoodHeaders()) {
    const ProxyHeader header = ParseProxyHeader(good.text + "GET / HTTP/1.1\r\n");
    EXPECT_EQ(header.status, Status::kDone) << good.text;
    EXPECT_EQ(header.length, good.text.size()) << good.text;
  }
}

TEST(ProxyProtocol, EveryBeginningWaitsForTheRest) {
  for (const Good& good : GoodHeaders()) {
    ASSERT_GE(good.text.size(), kMinProxyHeaderBytes);
    for (size_t size = 0; size < good.text.size(); ++size) {
      ASSERT_EQ(ParseProxyHeader(std::string_view(good.text).substr(0, size)).status, Status::kIncomplete)
          << good.text << " cut at " << size;
    }
  }
}

TEST(ProxyProtocol, WhatTheTextDoesNotAllowIsNoHeader) {
  const std::string zero("PROXY TCP4 192.0.2.7\0 10.0.0.1 1 2\r\n", 36);
  const std::vector<std::string> bad = {
      "GET / HTTP/1.1\r\n",
      "\x16\x03\x01",
      "proxy TCP4 192.0.2.7 10.0.0.1 1 2\r\n",
      "PROXY  TCP4 192.0.2.7 10.0.0.1 1 2\r\n",
      "PROXY\r\n",
      "PROXY \r\n",
      "PROXY TCP4\r\n",
      "PROXY UNKNOWNS\r\n",
      "PROXY UDP4 192.0.2.7 10.0.0.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1 2 \r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1 2\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 65536 2\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1 -2\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 01 2\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1  2\r\n",
      "PROXY TCP4 192.0.2.07 10.0.0.1 1 2\r\n",
      "PROXY TCP4 192.0.2 10.0.0.1 1 2\r\n",
      "PROXY TCP4 ::1 ::1 1 2\r\n",
      "PROXY TCP6 192.0.2.7 10.0.0.1 1 2\r\n",
      "PROXY TCP6 fe80::1%lo ::1 1 2\r\n",
      zero,
      "PROXY UNKNOWN " + std::string(kMaxProxyLineBytes, 'x'),
      Binary("\x11\x11", kV4Block),            // version 1 in the form of 2
      Binary("\x22\x11", kV4Block),            // no such command
      Binary("\x21\x12", kV4Block),            // a datagram
      Binary("\x21\x41", kV4Block),            // no such family
      Binary("\x21\x10", kV4Block),            // a family without a transport
      Binary("\x21\x11", kV4Block.substr(1)),  // too short for its addresses
      Binary("\x21\x21", kV4Block),
      Binary("\x21\x31", std::string(215, 'p')),
      Binary("\x21\x11", kV4Block + "\x04"),                           // a field without its length
      Binary("\x21\x11", kV4Block + std::string("\x04\x00\x02x", 4)),  // … longer than the header
      Binary("\x21\x11", kV4Block + std::string("\x04\x0F\xE2", 3) + std::string(4066, 'x')),
  };
  for (const std::string& text : bad) EXPECT_EQ(ParseProxyHeader(text).status, Status::kMalformed) << text;
}

TEST(ProxyProtocol, ALengthThatIsTooLargeIsRefusedBeforeItsBytesCome) {
  const std::string header = Binary("\x21\x11", std::string(kMaxProxyHeaderBytes - 15, 'x'));
  EXPECT_EQ(ParseProxyHeader(std::string_view(header).substr(0, 16)).status, Status::kMalformed);
}

}  // namespace
}  // namespace tollgate::http
