// Whose trace a request belongs to, and what the upstream is told of it.
#include "proxy/pipeline/tracing.h"

#include <gmock/gmock.h>

#include "tests/kit/test_exchange.h"

namespace tollgate::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kSpan[] = "b7ad6b7169203331";

std::string Line(const std::string& flags) {
  return std::string("traceparent: 00-") + kTrace + "-" + kSpan + "-" + flags + "\r\n";
}

class TracingTest : public ::testing::Test {
 protected:
  // What becomes of a request with these lines.
  void Take(const std::string& lines, double ratio = 0) {
    x_.emplace("GET", "/", "Host: a\r\n" + lines);
    trace_ = BeginTrace((*x_)->head.fields, ratio, ids_, (*x_)->arena);
    (*x_)->trace = &trace_;
    HandOnTrace(**x_);
  }
  std::string Sent() { return kit::ToText((*x_)->fields); }
  std::string Own() const { return std::string(http::TextOf(trace_.span.parent_id)); }

  RequestIds ids_{7};
  std::optional<kit::TestExchange> x_;
  exchange::RequestTrace trace_{};
};

TEST_F(TracingTest, ACallersTraceGoesOnWithTheGatewayAsItsParent) {
  Take(Line("01") + "tracestate: a=1\r\n");
  EXPECT_EQ(http::TextOf(trace_.span.trace_id), kTrace);
  EXPECT_EQ(http::TextOf(*trace_.parent), kSpan);
  EXPECT_EQ(trace_.state, "a=1");
  EXPECT_NE(Own(), kSpan);
  EXPECT_EQ(Sent(),
            "Host: a\ntracestate: a=1\ntraceparent: 00-" + std::string(kTrace) + "-" + Own() + "-01\n");
}

TEST_F(TracingTest, TheUpstreamsParentIsTheTry) {
  Take(Line("01"));
  exchange::TracedTry first(**x_, "10.0.0.1:80", "/", false, false);
  const std::string id(http::TextOf(trace_.tries[0].id));
  EXPECT_THAT(Sent(), HasSubstr(std::string(kTrace) + "-" + id + "-01"));
  exchange::TracedTry second(**x_, "10.0.0.1:80", "/", false, false);
  EXPECT_THAT(Sent(), Not(HasSubstr(id)));
}

TEST_F(TracingTest, WhatACallerHasDecidedNotToTraceGoesOnAsItCame) {
  Take(Line("00") + "tracestate: a=1\r\n", 1);
  EXPECT_FALSE(trace_.span.sampled);
  EXPECT_EQ(Sent(),
            "Host: a\n" + std::string("traceparent: 00-") + kTrace + "-" + kSpan + "-00\ntracestate: a=1\n");
}

TEST_F(TracingTest, WhatIsMalformedBeginsANewTrace) {
  Take("traceparent: 00-x\r\ntracestate: a=1\r\n", 1);
  EXPECT_TRUE(trace_.span.sampled);
  EXPECT_FALSE(trace_.parent);
  EXPECT_EQ(Sent(), "Host: a\ntraceparent: " + http::WriteTraceParent(trace_.span) + "\n");
}

TEST_F(TracingTest, AStateThatIsMalformedStaysBehindAlone) {
  Take(Line("01") + "tracestate: A=1\r\n");
  EXPECT_EQ(http::TextOf(trace_.span.trace_id), kTrace);
  EXPECT_EQ(trace_.state, "");
  EXPECT_THAT(Sent(), Not(HasSubstr("tracestate")));
}

TEST_F(TracingTest, TheRatioDecidesWhereNobodyHas) {
  int sampled = 0;
  for (int i = 0; i < 2000; ++i) {
    Take("", 0.25);
    sampled += trace_.span.sampled ? 1 : 0;
    EXPECT_THAT(Sent(), HasSubstr(trace_.span.sampled ? "-01\n" : "-00\n"));
  }
  EXPECT_NEAR(sampled, 500, 100);
  Take("", 0);
  EXPECT_FALSE(trace_.span.sampled);
  Take("", 1);
  EXPECT_TRUE(trace_.span.sampled);
}

TEST_F(TracingTest, WithoutTracesEverythingGoesOnAsItCame) {
  const std::string lines = "traceparent: nonsense\r\ntracestate: A=1\r\n";
  kit::TestExchange x("GET", "/", lines);
  const Tracing tracing(nullptr, 0, ids_, *x);
  HandOnTrace(*x);
  EXPECT_EQ(kit::ToText(x->fields), "traceparent: nonsense\ntracestate: A=1\n");
}

}  // namespace
}  // namespace tollgate::pipeline
