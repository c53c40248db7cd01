// What comes before an answer has come: interim answers, the first bytes of a stream, and answers to requests
// that are still on their way.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/gateway.h"
#include "tests/kit/http2_frames.h"
#include "tests/kit/raw_server.h"

namespace tollgate {
namespace {

using kit::FrameType;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kHeadEnd[] = "\r\n\r\n";
constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
constexpr char kHints[] =
    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: X-Own\r\nX-Own: 1\r\n\r\n";
constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr char kEvents[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

class Interim : public testing::Test {
 protected:
  void SetUp() override {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    caller_ = std::make_unique<kit::RawClient>(gateway_.port());
  }
  // Sends it; the upstream has its head then.
  void Ask(const std::string& request) {
    caller_->Send(request);
    server_ = upstream_.Accept();
    asked_ = server_->ReadUntil(kHeadEnd);
  }
  void AskOverHttp2() {
    using kit::ToBytes;
    Ask(kit::Http2Greeting() +
        ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, 1, kit::HeaderBlock("a.example")}));
  }
  // Of an answer over HTTP/2: how often a frame of the kind has come until `text` has.
  std::vector<kit::Frame> FramesUntil(const std::string& text) {
    return kit::ReadFrames(caller_->ReadUntil(text));
  }
  static size_t Count(const std::vector<kit::Frame>& frames, FrameType type) {
    return static_cast<size_t>(std::count_if(frames.begin(), frames.end(),
                                             [type](const auto& frame) { return frame.type == type; }));
  }

  kit::RawServer upstream_;
  kit::Gateway gateway_;
  std::unique_ptr<kit::RawClient> caller_;
  std::unique_ptr<kit::RawClient> server_;
  std::string asked_;
};

TEST_F(Interim, HintsArriveBeforeTheAnswerThatTheyAreFor) {
  Ask(kGet);
  server_->Send(kHints);
  EXPECT_EQ(caller_->ReadUntil(kHeadEnd), "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
  server_->Send(std::string("HTTP/1.1 102 Processing\r\n\r\n") + kOk);
  EXPECT_THAT(caller_->ReadUntil("ok"),
              AllOf(StartsWith("HTTP/1.1 102 "), HasSubstr("\r\n\r\nHTTP/1.1 200 OK\r\n"), EndsWith("ok")));
}

TEST_F(Interim, HintsArriveOverHttp2) {
  AskOverHttp2();
  server_->Send(kHints);
  const std::vector<kit::Frame> frames = FramesUntil("</a.css>");
  EXPECT_EQ(Count(frames, FrameType::kHeaders), 1U);
  server_->Send(kOk);
  const std::vector<kit::Frame> rest = FramesUntil("ok");
  EXPECT_EQ(Count(rest, FrameType::kHeaders), 1U);
  EXPECT_EQ(rest.back().payload, "ok");
}

TEST_F(Interim, NobodySendsThemToACallerOfHttp10) {
  Ask("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");
  server_->Send(std::string(kHints) + kOk);
  EXPECT_THAT(caller_->ReadToEnd(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

// The gateway has let the caller begin; that the upstream does as well is no news.
TEST_F(Interim, ContinueIsSentOnce) {
  Ask("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(asked_, Not(HasSubstr("Expect")));
  EXPECT_EQ(caller_->ReadUntil(kHeadEnd), "HTTP/1.1 100 Continue\r\n\r\n");
  server_->Send(std::string("HTTP/1.1 100 Continue\r\n\r\n") + kOk);
  caller_->Send("ab");
  EXPECT_THAT(caller_->ReadUntil("ok"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Interim, ThoseThatDoNotEndAreNoAnswer) {
  Ask(kGet);
  std::string endless;
  for (int i = 0; i < 17; ++i) endless += "HTTP/1.1 102 Processing\r\n\r\n";
  server_->Send(endless + kOk);
  EXPECT_THAT(caller_->ReadUntil("requestId"), HasSubstr("HTTP/1.1 502 "));
}

TEST_F(Interim, AnEventArrivesWhileItsStreamGoesOn) {
  Ask(kGet);
  server_->Send(kEvents);
  EXPECT_THAT(caller_->ReadUntil(kHeadEnd), HasSubstr("Content-Type: text/event-stream\r\n"));
  for (const std::string event : {"data: 1\n\n", "data: 2\n\n"}) {
    server_->Send("9\r\n" + event + "\r\n");
    EXPECT_EQ(caller_->ReadUntil(event + "\r\n"), "9\r\n" + event + "\r\n");
  }
  server_->Send("0\r\n\r\n");
  EXPECT_EQ(caller_->ReadUntil(kHeadEnd), "0\r\n\r\n");
}

TEST_F(Interim, AnEventArrivesOverHttp2WhileItsStreamGoesOn) {
  AskOverHttp2();
  server_->Send(kEvents);
  for (const std::string event : {"data: 1\n\n", "data: 2\n\n"}) {
    server_->Send("9\r\n" + event + "\r\n");
    EXPECT_EQ(FramesUntil(event).back().payload, event);
  }
}

TEST_F(Interim, AnAnswerComesThroughWhileTheRequestIsStillArriving) {
  Ask("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000\r\n\r\n");
  caller_->Send("begun");
  EXPECT_EQ(server_->ReadUntil("begun"), "begun");
  server_->Send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_THAT(caller_->ReadToEnd(),
              AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("Connection: close\r\n"), EndsWith("no")));
  server_->ReadToEnd();  // what is missing of the request never comes
  EXPECT_TRUE(server_->closed_by_peer());
}

}  // namespace
}  // namespace tollgate
