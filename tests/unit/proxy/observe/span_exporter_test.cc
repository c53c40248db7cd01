// What reaches a collector, and what becomes of spans that do not.
#include "proxy/observe/span_exporter.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "proxy/exchange/request_trace.h"
#include "tests/kit/eventually.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::observe {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using ::testing::HasSubstr;

std::string Answer(const std::string& status, const std::string& fields = "",
                   const std::string& body = "{}") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class SpanExporterTest : public ::testing::Test {
 protected:
  SpanExporterTest() {
    trace_.span = *http::ParseTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    x_->trace = &trace_;
  }
  void Start(const std::string& url) {
    auto started =
        SpanExporter::Start({.collector = *CollectorAddress::Parse(url), .ratio = 1, .instance = "test"}, 1);
    ASSERT_TRUE(started.ok());
    exporter_ = *std::move(started);
  }
  void Start() { Start("http://127.0.0.1:" + std::to_string(collector_.port())); }
  void Append(int times = 1) {
    for (int i = 0; i < times; ++i) exporter_->Append(0, *x_, microseconds(1));
  }
  // Spans that have arrived.
  size_t Arrived() {
    size_t spans = 0;
    for (const kit::RecordingUpstream::Request& request : collector_.Complete()) {
      spans += json::parse(request.body)["resourceSpans"][0]["scopeSpans"][0]["spans"].size();
    }
    return spans;
  }
  bool Becomes(const std::atomic<uint64_t>& count, uint64_t value) {
    return kit::Eventually([&] { return count == value; });
  }

  kit::RecordingUpstream collector_{Answer("200 OK")};
  exchange::RequestTrace trace_{};
  kit::TestExchange x_{"GET", "/"};
  std::unique_ptr<SpanExporter> exporter_;
};

TEST_F(SpanExporterTest, SendsThemByOtlp) {
  Start();
  Append(3);
  ASSERT_TRUE(Becomes(exporter_->tally().sent, 3));
  EXPECT_EQ(Arrived(), 3U);
  const std::string head = collector_.Complete().front().head;
  EXPECT_THAT(head, HasSubstr("POST /v1/traces HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(SpanExporterTest, ManyGoInBatchesOverOneConnection) {
  Start();
  Append(2000);
  ASSERT_TRUE(Becomes(exporter_->tally().sent, 2000));
  EXPECT_EQ(Arrived(), 2000U);
  EXPECT_GE(collector_.Complete().size(), 4U);
  EXPECT_EQ(collector_.accepted(), 1U);
}

TEST_F(SpanExporterTest, WhatIsRefusedForNowIsSentAgain) {
  collector_.AnswerNext(Answer("503 Service Unavailable"));
  collector_.AnswerNext(Answer("429 Too Many Requests", "Retry-After: 1\r\n"));
  collector_.AnswerNext("HTTP/1.1 200", kit::RecordingUpstream::Then::kClose);
  Start();
  Append();
  ASSERT_TRUE(Becomes(exporter_->tally().sent, 1));
  EXPECT_EQ(collector_.Complete().size(), 4U);
  EXPECT_EQ(exporter_->tally().lost, 0U);
}

TEST_F(SpanExporterTest, WhatIsRefusedForGoodIsNot) {
  collector_.AnswerNext(Answer("400 Bad Request"));
  Start();
  Append();
  ASSERT_TRUE(Becomes(exporter_->tally().refused, 1));
  Append();
  ASSERT_TRUE(Becomes(exporter_->tally().sent, 1));
  EXPECT_EQ(collector_.Complete().size(), 2U);
}

TEST_F(SpanExporterTest, APartOfABatchMayBeRefused) {
  collector_.AnswerNext(
      Answer("200 OK", "", R"({"partialSuccess": {"rejectedSpans": "1", "errorMessage": "no"}})"));
  Start();
  Append(3);
  ASSERT_TRUE(Becomes(exporter_->tally().refused, 1));
  EXPECT_TRUE(Becomes(exporter_->tally().sent, 2));
}

TEST_F(SpanExporterTest, WhatFindsNoRoomIsCounted) {
  collector_.StopListening();
  Start();
  Append(static_cast<int>(3 * SpanQueue::kMostSpans));
  EXPECT_GE(exporter_->tally().lost, SpanQueue::kMostSpans);
}

TEST_F(SpanExporterTest, WhatIsLeftAtTheEndIsSentThen) {
  Start();
  Append(700);
  exporter_.reset();
  EXPECT_EQ(Arrived(), 700U);
}

TEST_F(SpanExporterTest, WhatIsNotSampledGoesNowhere) {
  Start();
  trace_.span.sampled = false;
  Append();
  exporter_.reset();
  EXPECT_EQ(collector_.begun(), 0U);
}

TEST(CollectorAddress, IsTakenApart) {
  const CollectorAddress plain = *CollectorAddress::Parse("http://collector.example");
  EXPECT_FALSE(plain.secure);
  EXPECT_EQ(plain.authority(), "collector.example:4318");
  EXPECT_EQ(plain.path, "/v1/traces");
  const CollectorAddress secure = *CollectorAddress::Parse("https://[::1]/otlp/v1/traces");
  EXPECT_TRUE(secure.secure);
  EXPECT_EQ(secure.authority(), "[::1]:443");
  EXPECT_EQ(secure.host, "::1");
  EXPECT_EQ(secure.path, "/otlp/v1/traces");
  EXPECT_EQ(CollectorAddress::Parse("http://10.0.0.1:80/")->path, "/v1/traces");
}

TEST(CollectorAddress, WhatIsNoneSaysWhy) {
  for (const char* url : {"", "collector:4318", "ftp://a", "http://", "http://:4318",
                          "http://a:", "http://a:0", "http://a:65536", "http://a:b", "http://[::1",
                          "http://[a]", "http://user@a", "http://a/?q", "http://a b"}) {
    const auto parsed = CollectorAddress::Parse(url);
    ASSERT_FALSE(parsed.ok()) << url;
    EXPECT_THAT(parsed.error().message, HasSubstr("write http://HOST:4318")) << url;
  }
}

}  // namespace
}  // namespace tollgate::observe
