// Spans as a collector reads them.
#include "proxy/observe/span_json.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "proxy/exchange/request_trace.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::observe {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kContext[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class SpanJson : public ::testing::Test {
 protected:
  SpanJson() {
    trace_.span = *http::ParseTraceParent(kContext);
    x_->trace = &trace_;
    x_->received = 1'000'000;
    x_->started = SteadyNow();
    x_->status = 200;
  }
  json Spans() {
    const std::string spans = WriteSpans(*x_, microseconds(250));
    json parsed = json::parse("[" + spans + "]", nullptr, false);
    EXPECT_TRUE(parsed.is_array()) << spans;
    return parsed;
  }
  // The attributes of a span: numbers as text.
  static std::map<std::string, std::string> Attributes(const json& span) {
    std::map<std::string, std::string> attributes;
    for (const json& attribute : span["attributes"]) {
      const json& value = attribute["value"];
      attributes[attribute["key"]] = value.contains("intValue") ? value["intValue"].get<std::string>()
                                                                : value["stringValue"].get<std::string>();
    }
    return attributes;
  }

  kit::TestExchange x_{"GET", "/v1/quotes?api_key=secret",
                       "Host: A.example\r\nUser-Agent: curl/8\r\nX-Key: secret\r\n"};
  exchange::RequestTrace trace_{};
};

// Else a caller says how much memory the spans take that wait.
TEST_F(SpanJson, ALongTraceStateStandsInNone) {
  const std::string longest(512, 's');
  trace_.state = longest;
  EXPECT_EQ(Spans().at(0)["traceState"], longest);
  const std::string longer(513, 's');
  trace_.state = longer;
  EXPECT_FALSE(Spans().at(0).contains("traceState"));
}

TEST_F(SpanJson, OfTheRequestSayWhatTheConventionsName) {
  trace_.parent =
      http::SpanId{'1', '2', '3', '4', '5', '6', '7', '8', '9', '0', 'a', 'b', 'c', 'd', 'e', 'f'};
  trace_.state = "a=1";
  x_->route = "market/quotes";
  x_->rule = "all";
  const json span = Spans().at(0);
  EXPECT_EQ(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span["spanId"], "b7ad6b7169203331");
  EXPECT_EQ(span["parentSpanId"], "1234567890abcdef");
  EXPECT_EQ(span["traceState"], "a=1");
  EXPECT_EQ(span["flags"], 0x301);
  EXPECT_EQ(span["name"], "GET");
  EXPECT_EQ(span["kind"], 2);
  EXPECT_EQ(span["startTimeUnixNano"], "1000000000");
  EXPECT_EQ(span["endTimeUnixNano"], "1000250000");
  EXPECT_FALSE(span.contains("status"));
  const auto attributes = Attributes(span);
  EXPECT_EQ(attributes.at("http.request.method"), "GET");
  EXPECT_EQ(attributes.at("url.path"), "/v1/quotes");
  EXPECT_EQ(attributes.at("url.scheme"), "http");
  EXPECT_EQ(attributes.at("server.address"), "a.example");
  EXPECT_EQ(attributes.at("client.address"), "192.0.2.7");
  EXPECT_EQ(attributes.at("network.protocol.version"), "1.1");
  EXPECT_EQ(attributes.at("http.response.status_code"), "200");
  EXPECT_EQ(attributes.at("user_agent.original"), "curl/8");
  EXPECT_EQ(attributes.at("tollgate.route"), "market/quotes");
  EXPECT_EQ(attributes.count("error.type"), 0U);
}

TEST_F(SpanJson, AreNamedByTheRouteAsItsAuthorWroteIt) {
  api::PathMatch path;
  path.set_value("/v1/{symbol}");
  x_->routed = exchange::Routed{nullptr, nullptr, 0, &path};
  const json span = Spans().at(0);
  EXPECT_EQ(span["name"], "GET /v1/{symbol}");
  EXPECT_EQ(Attributes(span).at("http.route"), "/v1/{symbol}");
}

TEST_F(SpanJson, HoldNoQueryAndNoCredential) { EXPECT_THAT(Spans().dump(), Not(HasSubstr("secret"))); }

TEST_F(SpanJson, AFailureOfTheGatewayHasItsProblem) {
  x_->status = 504;
  x_->problem = "upstream-timeout";
  json span = Spans().at(0);
  EXPECT_EQ(span["status"]["code"], 2);
  EXPECT_EQ(Attributes(span).at("error.type"), "upstream-timeout");
  x_->problem = {};
  span = Spans().at(0);
  EXPECT_EQ(Attributes(span).at("error.type"), "504");
  // The caller's own mistake.
  x_->status = 404;
  x_->problem = "no-route";
  span = Spans().at(0);
  EXPECT_FALSE(span.contains("status"));
  EXPECT_EQ(Attributes(span).count("error.type"), 0U);
}

TEST_F(SpanJson, WhateverACallerCallsAMethodIsOneName) {
  kit::TestExchange x("BREW", "/");
  x->trace = &trace_;
  x->status = 501;
  const json span = json::parse(WriteSpans(*x, microseconds(1)));
  EXPECT_EQ(span["name"], "HTTP");
  EXPECT_EQ(Attributes(span).at("http.request.method"), "_OTHER");
  EXPECT_EQ(Attributes(span).at("http.request.method_original"), "BREW");
}

TEST_F(SpanJson, EachTryIsASpanBelow) {
  x_->upstream = "market/quotes:http";
  exchange::TracedTry first(*x_, "10.0.0.1:80", "/quotes", false, false);
  first.End(0, "upstream-connect");
  exchange::TracedTry second(*x_, "[2001:db8::1]:8443", "/quotes", true, true);
  second.End(404, {});
  const json spans = Spans();
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_NE(spans[1]["spanId"], spans[2]["spanId"]);
  for (size_t i : {1, 2}) {
    EXPECT_EQ(spans[i]["parentSpanId"], "b7ad6b7169203331");
    EXPECT_EQ(spans[i]["traceId"], spans[0]["traceId"]);
    EXPECT_EQ(spans[i]["kind"], 3);
    EXPECT_EQ(spans[i]["flags"], 0x101);
    EXPECT_EQ(spans[i]["status"]["code"], 2);
    EXPECT_EQ(Attributes(spans[i]).at("tollgate.upstream"), "market/quotes:http");
  }
  auto attributes = Attributes(spans[1]);
  EXPECT_EQ(attributes.at("server.address"), "10.0.0.1");
  EXPECT_EQ(attributes.at("server.port"), "80");
  EXPECT_EQ(attributes.at("url.full"), "http://10.0.0.1:80/quotes");
  EXPECT_EQ(attributes.at("error.type"), "upstream-connect");
  EXPECT_EQ(attributes.count("http.response.status_code"), 0U);
  EXPECT_EQ(attributes.count("http.request.resend_count"), 0U);
  attributes = Attributes(spans[2]);
  EXPECT_EQ(attributes.at("server.address"), "2001:db8::1");
  EXPECT_EQ(attributes.at("server.port"), "8443");
  EXPECT_EQ(attributes.at("url.full"), "https://[2001:db8::1]:8443/quotes");
  EXPECT_EQ(attributes.at("http.response.status_code"), "404");
  EXPECT_EQ(attributes.at("error.type"), "404");
  EXPECT_EQ(attributes.at("http.request.resend_count"), "1");
  EXPECT_EQ(attributes.at("network.protocol.version"), "2");
}

TEST_F(SpanJson, OfWhatIsNotSampledThereAreNone) {
  trace_.span.sampled = false;
  exchange::TracedTry attempt(*x_, "10.0.0.1:80", "/", false, false);
  attempt.End(200, {});
  EXPECT_EQ(WriteSpans(*x_, microseconds(1)), "");
  x_->trace = nullptr;
  EXPECT_EQ(WriteSpans(*x_, microseconds(1)), "");
}

TEST_F(SpanJson, AnExportNamesTheProcess) {
  const json body = json::parse(WriteExport("proxy-\"1\"", WriteSpans(*x_, microseconds(1))));
  const json& resource = body["resourceSpans"][0];
  const auto attributes = Attributes(resource["resource"]);
  EXPECT_EQ(attributes.at("service.name"), "tollgate");
  EXPECT_EQ(attributes.at("service.instance.id"), "proxy-\"1\"");
  EXPECT_EQ(resource["scopeSpans"][0]["scope"]["name"], "tollgate");
  EXPECT_EQ(resource["scopeSpans"][0]["spans"].size(), 1U);
}

}  // namespace
}  // namespace tollgate::observe
