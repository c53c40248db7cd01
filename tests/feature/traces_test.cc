// Traces: what upstreams are told of them, and the spans that reach a collector.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/shell.h"
#include "tests/kit/temp_folder.h"
#include "tests/kit/tls_upstream.h"

namespace tollgate {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kCaller[] = "b7ad6b7169203331";

constexpr char kSent[] = "tollgate_trace_spans_total{result=\"sent\"}";

constexpr char kRoute[] = R"(apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: route, namespace: test}
spec:
  hosts: [a.example]
  access: Public
  rules:
  - name: all
    upstream:
      targets: [{serviceRef: {name: upstream, port: http}}]
      retry: {attempts: 1, conditions: [ConnectFailure, Reset], statuses: [503]}
)";

class Traces : public testing::Test {
 protected:
  void StartWith(const std::vector<std::string>& flags) {
    gateway_.WriteService("test", "upstream", upstream_.port());
    gateway_.Write("route.yaml", kRoute);
    ASSERT_TRUE(gateway_.Start(flags)) << gateway_.Stderr();
  }
  void Start(const std::string& ratio) {
    StartWith(
        {"--trace-endpoint=http://127.0.0.1:" + std::to_string(collector_.port()), "--trace-ratio=" + ratio});
  }
  std::string Get(const std::string& flags, const std::string& path = "/v1") {
    return kit::Shell("curl -sS -i -H 'Host: a.example' " + flags +
                      " 'http://127.0.0.1:" + std::to_string(gateway_.port()) + path + "'")
        .out;
  }
  static std::string Context(const std::string& flags) {
    return std::string("-H 'traceparent: 00-") + kTrace + "-" + kCaller + "-" + flags + "'";
  }
  // So many spans, once they are there; by their kind.
  std::multimap<int, json> Spans(size_t count) {
    std::multimap<int, json> spans;
    (void)kit::Eventually([&] {
      spans.clear();
      for (const kit::RecordingUpstream::Request& request : collector_.Complete()) {
        const json body = json::parse(request.body);
        for (const json& span : body["resourceSpans"][0]["scopeSpans"][0]["spans"]) {
          spans.emplace(span["kind"].get<int>(), span);
        }
      }
      return spans.size() >= count;
    });
    EXPECT_EQ(spans.size(), count);
    return spans;
  }
  // Of the last request upstream.
  std::string SentUp() { return upstream_.Complete().back().head; }

  static constexpr int kServer = 2;
  static constexpr int kClient = 3;
  kit::RecordingUpstream upstream_;
  kit::RecordingUpstream collector_{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"};
  kit::Gateway gateway_;
};

TEST_F(Traces, ACallersTraceHasTheGatewayAndTheTryInIt) {
  Start("0");
  Get(Context("01") + " -H 'tracestate: a=1'", "/v1?key=secret");
  const auto spans = Spans(2);
  const json server = spans.find(kServer)->second;
  const json client = spans.find(kClient)->second;
  EXPECT_EQ(server["traceId"], kTrace);
  EXPECT_EQ(server["parentSpanId"], kCaller);
  EXPECT_EQ(client["traceId"], kTrace);
  EXPECT_EQ(client["parentSpanId"], server["spanId"]);
  EXPECT_LE(server["startTimeUnixNano"].get<std::string>(), client["startTimeUnixNano"].get<std::string>());
  EXPECT_GE(server["endTimeUnixNano"].get<std::string>(), client["endTimeUnixNano"].get<std::string>());
  EXPECT_THAT(SentUp(), HasSubstr("traceparent: 00-" + std::string(kTrace) + "-" +
                                  client["spanId"].get<std::string>() + "-01\r\n"));
  EXPECT_THAT(SentUp(), HasSubstr("tracestate: a=1\r\n"));
  EXPECT_THAT(SentUp(), Not(HasSubstr(kCaller)));
  EXPECT_THAT(server.dump() + client.dump(), Not(HasSubstr("secret")));
}

TEST_F(Traces, WhatACallerDoesNotTraceIsNotTraced) {
  Start("1");
  Get(Context("00"));
  EXPECT_THAT(SentUp(), HasSubstr(std::string("traceparent: 00-") + kTrace + "-" + kCaller + "-00\r\n"));
  // Nor is it sent later than this.
  Get("");
  for (const auto& [kind, span] : Spans(2)) EXPECT_NE(span["traceId"], kTrace);
}

TEST_F(Traces, ARequestWithoutATraceBeginsOne) {
  Start("1");
  Get("");
  const auto spans = Spans(2);
  const json server = spans.find(kServer)->second;
  EXPECT_FALSE(server.contains("parentSpanId"));
  EXPECT_THAT(SentUp(), HasSubstr("traceparent: 00-" + server["traceId"].get<std::string>() + "-" +
                                  spans.find(kClient)->second["spanId"].get<std::string>() + "-01\r\n"));
}

TEST_F(Traces, EachTryIsASpan) {
  Start("1");
  upstream_.AnswerNext("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(Get(""), HasSubstr("200 OK"));
  const auto spans = Spans(3);
  EXPECT_EQ(spans.count(kClient), 2U);
  size_t failed = 0;
  for (const auto& [kind, span] : spans) failed += span.contains("status") ? 1 : 0;
  EXPECT_EQ(failed, 1U);
}

TEST_F(Traces, AFailureHasItsProblemInBothSpans) {
  Start("1");
  upstream_.StopListening();
  EXPECT_THAT(Get(""), HasSubstr("upstream-connect"));
  for (const auto& [kind, span] : Spans(2)) {
    EXPECT_EQ(span["status"]["code"], 2);
    EXPECT_THAT(span.dump(), HasSubstr(R"({"key":"error.type","value":{"stringValue":"upstream-connect"}})"));
  }
}

TEST_F(Traces, WithoutACollectorTheContextGoesThroughUntouched) {
  StartWith({});
  Get("-H 'traceparent: nonsense' -H 'tracestate: A'");
  EXPECT_THAT(SentUp(), HasSubstr("traceparent: nonsense\r\n"));
  EXPECT_THAT(SentUp(), HasSubstr("tracestate: A\r\n"));
  Get("");
  EXPECT_THAT(SentUp(), Not(HasSubstr("traceparent")));
}

// A collector that is gone holds nobody up, and what is lost is counted.
TEST_F(Traces, NobodyWaitsForTheCollector) {
  Start("1");
  collector_.StopListening();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Get(""), HasSubstr("200 OK"));
  EXPECT_EQ(gateway_.Metric(kSent), 0);
  EXPECT_TRUE(
      kit::Eventually([&] { return gateway_.Stderr().find("does not take spans") != std::string::npos; }));
}

TEST_F(Traces, WhatIsLeftAtTheEndReachesTheCollector) {
  Start("1");
  Get("");
  gateway_.process().Signal(SIGTERM);
  EXPECT_EQ(gateway_.process().Wait(), 0);
  Spans(2);
}

// By the authorities that are named for it.
TEST_F(Traces, ACollectorOverTlsProvesWhoItIs) {
  const kit::Certificate authority = kit::MakeAuthority("ours");
  const kit::TlsUpstream collector(kit::Issue(authority, "collector", {"localhost"}));
  const kit::TempFolder folder;
  folder.Write("ca.crt", authority.chain);
  StartWith({"--trace-endpoint=https://localhost:" + std::to_string(collector.port()), "--trace-ratio=1",
             "--trace-ca=" + folder / "ca.crt"});
  Get("");
  EXPECT_TRUE(kit::Eventually([&] { return gateway_.Metric(kSent) == 2; })) << gateway_.Stderr();
}

TEST_F(Traces, NothingIsSentToACollectorThatDoesNot) {
  const kit::TlsUpstream collector(kit::Issue(kit::MakeAuthority("others"), "collector", {"localhost"}));
  const kit::TempFolder folder;
  folder.Write("ca.crt", kit::MakeAuthority("ours").chain);
  StartWith({"--trace-endpoint=https://localhost:" + std::to_string(collector.port()), "--trace-ratio=1",
             "--trace-ca=" + folder / "ca.crt"});
  Get("");
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.Stderr().find("does not take spans: tls-") != std::string::npos; }));
  EXPECT_EQ(gateway_.Metric(kSent), 0);
}

TEST_F(Traces, AnEndpointThatIsNoneIsRefused) {
  gateway_.WriteService("test", "upstream", upstream_.port());
  EXPECT_FALSE(gateway_.Start({"--trace-endpoint=collector:4318"}));
  EXPECT_THAT(gateway_.Stderr(),
              HasSubstr("--trace-endpoint \"collector:4318\" is no address of http or https"));
}

}  // namespace
}  // namespace tollgate
