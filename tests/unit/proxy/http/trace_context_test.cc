// Trace contexts after W3C Trace Context: what is sound is read, everything else begins a new trace.
#include "proxy/http/trace_context.h"

#include <gtest/gtest.h>

#include "tests/kit/heads.h"

namespace tollgate::http {
namespace {

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kSpan[] = "b7ad6b7169203331";

std::string Value(const std::string& version = "00", const std::string& flags = "01") {
  return version + "-" + kTrace + "-" + kSpan + "-" + flags;
}

bool IsStateSound(const std::string& lines) {
  const kit::Request request("GET", "/", lines);
  return IsTraceStateSound(request.fields());
}
bool IsState(const std::string& value) { return IsStateSound("tracestate: " + value + "\r\n"); }

TEST(TraceParent, IsTakenApart) {
  const auto context = ParseTraceParent(Value());
  ASSERT_TRUE(context);
  EXPECT_EQ(TextOf(context->trace_id), kTrace);
  EXPECT_EQ(TextOf(context->parent_id), kSpan);
  EXPECT_TRUE(context->sampled);
  EXPECT_FALSE(ParseTraceParent(Value("00", "00"))->sampled);
  EXPECT_FALSE(ParseTraceParent(Value("00", "fe"))->sampled);
  EXPECT_TRUE(ParseTraceParent(Value("00", "ff"))->sampled);
}

TEST(TraceParent, OfANewerVersionWhatIsKnownIsRead) {
  EXPECT_TRUE(ParseTraceParent(Value("cc", "01")));
  EXPECT_TRUE(ParseTraceParent(Value("cc", "01") + "-what-the-future-brings"));
  EXPECT_FALSE(ParseTraceParent(Value("cc", "01") + ".what-the-future-brings"));
  EXPECT_FALSE(ParseTraceParent(Value("ff", "01")));
}

TEST(TraceParent, WhatIsMalformedIsNone) {
  const std::string value = Value();
  for (const std::string& bad :
       {std::string(), value.substr(0, 54), value + "-", value + "-01", value + " ", " " + value,
        "0A" + value.substr(2), "00-" + std::string(32, '0') + "-" + kSpan + "-01",
        "00-" + std::string(kTrace) + "-" + std::string(16, '0') + "-01",
        "00-" + std::string(31, 'a') + "A-" + kSpan + "-01",
        "00-" + std::string(31, 'a') + "g-" + kSpan + "-01",
        "00-" + std::string(kTrace) + "-" + std::string(15, 'b') + "B-01", value.substr(0, 53) + "0x",
        value.substr(0, 53) + "0A", "00_" + value.substr(3), value.substr(0, 35) + "_" + value.substr(36),
        value.substr(0, 52) + "_01"}) {
    EXPECT_FALSE(ParseTraceParent(bad)) << bad;
  }
}

TEST(TraceParent, TwoOfThemAreNone) {
  const std::string line = "Traceparent: " + Value() + "\r\n";
  EXPECT_TRUE(FindTraceContext(kit::Request("GET", "/", line).fields()));
  EXPECT_FALSE(FindTraceContext(kit::Request("GET", "/", line + line).fields()));
  EXPECT_FALSE(FindTraceContext(kit::Request("GET", "/").fields()));
}

TEST(TraceParent, IsWrittenAsItIsRead) {
  EXPECT_EQ(WriteTraceParent(*ParseTraceParent(Value())), Value());
  EXPECT_EQ(WriteTraceParent(*ParseTraceParent(Value("cc", "ff") + "-x")), Value());
  EXPECT_EQ(WriteTraceParent(*ParseTraceParent(Value("00", "02"))), Value("00", "00"));
  EXPECT_EQ(Value().substr(kParentIdAt, 16), kSpan);
}

TEST(TraceState, IsAListOfKeysAndValues) {
  for (const char* value : {"a=1", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7", "a=1 , b=2,", " ", ",,a=1",
                            "1tenant@system=x y", "a_-*/9=!~", "a= x"}) {
    EXPECT_TRUE(IsState(value)) << value;
  }
  EXPECT_TRUE(IsStateSound(""));
  EXPECT_TRUE(IsStateSound("tracestate: a=1\r\ntracestate: b=2\r\n"));
}

TEST(TraceState, WhatIsMalformedIsNotSound) {
  for (const char* value : {"a", "=1", "a=", "A=1", "1a=1", "a=1=2", "a=1,b", "a b=1", "a@=1", "@b=1",
                            "a@1b=1", "a@b@c=1", "a=1,a=2", "a=\tx"}) {
    EXPECT_FALSE(IsState(value)) << value;
  }
  EXPECT_FALSE(IsStateSound("tracestate: a=1\r\ntracestate: a=2\r\n"));
}

TEST(TraceState, HasItsBounds) {
  std::string members;
  for (int i = 0; i < 32; ++i) members += "k" + std::to_string(i) + "=1,";
  EXPECT_TRUE(IsState(members));
  EXPECT_FALSE(IsState(members + "more=1"));
  EXPECT_TRUE(IsState(std::string(256, 'k') + "=" + std::string(256, 'v')));
  EXPECT_FALSE(IsState(std::string(257, 'k') + "=1"));
  EXPECT_FALSE(IsState("k=" + std::string(257, 'v')));
  EXPECT_TRUE(IsState(std::string(241, 'k') + "@" + std::string(14, 's') + "=1"));
  EXPECT_FALSE(IsState(std::string(242, 'k') + "@s=1"));
  EXPECT_FALSE(IsState("k@" + std::string(15, 's') + "=1"));
}

}  // namespace
}  // namespace tollgate::http
