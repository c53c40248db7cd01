// More than the process takes on: what is new is turned away, what was taken on is finished.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_server.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
constexpr char kBegun[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n";

class Overload : public testing::Test {
 protected:
  void Start(const std::string& flag) {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start({flag})) << gateway_.Stderr();
  }
  // By default of a host that nobody serves.
  std::string Ask(const std::string& host = "b.example") {
    kit::RawClient caller(gateway_.port());
    caller.Send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    return caller.ReadUntil("requestId");
  }

  kit::RawServer upstream_;
  kit::Gateway gateway_;
};

TEST_F(Overload, ARequestBeyondTheLimitIsToldSoAndStreamsGoOn) {
  Start("--max-requests=1");
  kit::RawClient first(gateway_.port());
  first.Send(kGet);
  const auto server = upstream_.Accept();
  server->ReadUntil("\r\n\r\n");
  server->Send(kBegun);
  EXPECT_THAT(first.ReadUntil("ok"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(Ask("a.example"), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n"),
                                      HasSubstr("/problems/overloaded")));
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.AccessLog().find(R"("reason":"request-limit")") != std::string::npos; }));
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_requests_active"), 1);
  server->Send("0\r\n\r\n");
  EXPECT_THAT(first.ReadUntil("0\r\n\r\n"), HasSubstr("0\r\n\r\n"));
  EXPECT_TRUE(kit::Eventually([&] { return gateway_.Metric("tollgate_proxy_requests_active") == 0; }));
  first.Send(kGet);
  server->ReadUntil("\r\n\r\n");
  server->Send(kBegun);
  EXPECT_THAT(first.ReadUntil("ok"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Overload, AConnectionBeyondTheLimitIsClosedAndCounted) {
  Start("--max-connections=1");
  auto first = std::make_unique<kit::RawClient>(gateway_.port());
  EXPECT_TRUE(kit::Eventually([&] { return gateway_.Metric("tollgate_proxy_connections") == 1; }));
  for (int i = 0; i < 4; ++i) {  // to whichever core
    kit::RawClient further(gateway_.port());
    EXPECT_EQ(further.ReadToEnd(std::chrono::seconds(60)), "");
    EXPECT_TRUE(further.closed_by_peer());
  }
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_connections_refused_total"), 4);
  first->Send("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n");
  EXPECT_THAT(first->ReadUntil("requestId"), StartsWith("HTTP/1.1 404 "));
  first.reset();
  EXPECT_TRUE(kit::Eventually([&] { return Ask().starts_with("HTTP/1.1 404 "); }));
}

TEST_F(Overload, RequestsAreToldWhereMemoryIsShort) {
  Start("--max-memory-mib=1");  // less than the program takes by itself
  EXPECT_TRUE(kit::Eventually([&] { return Ask().starts_with("HTTP/1.1 503 "); }));
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.AccessLog().find(R"("reason":"memory-limit")") != std::string::npos; }));
  EXPECT_GT(gateway_.Metric("tollgate_proxy_resident_bytes"), 1 << 20);
}

}  // namespace
}  // namespace tollgate
