#include "proxy/http/http2_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

#include "tests/kit/http2_frames.h"

namespace tollgate::http {
namespace {

using kit::Frame;
using kit::FrameType;

// One request, and a body to answer it with.
class Http2SessionTest : public testing::Test, protected Http2Observer {
 protected:
  void SetUp() override {
    const uint8_t flags = kit::kEndHeaders | kit::kEndStream;
    ASSERT_TRUE(session_.Receive(
        kit::Http2Greeting() + kit::ToBytes({FrameType::kHeaders, flags, 1, kit::HeaderBlock("a.example")}),
        SteadyNow()));
    ASSERT_TRUE(request_);
  }
  // What is sent where there is room for so many bytes.
  std::string Take(size_t room) {
    std::string bytes(room, '\0');
    bytes.resize(session_.Take(bytes));
    return bytes;
  }
  void Answer() { session_.SendHead(1, {200, fields_, {}}, true); }
  static bool Has(const std::vector<Frame>& frames, FrameType type) {
    return std::any_of(frames.begin(), frames.end(), [=](const Frame& frame) { return frame.type == type; });
  }

  void OnRequest(StreamId, std::unique_ptr<Http2Request> request) override { request_ = std::move(request); }
  void OnBody(StreamId, std::string_view) override {}
  void OnTrailers(StreamId, std::unique_ptr<Trailers> trailers) override {
    request_trailers_ = std::move(trailers);
  }
  void OnBodyEnd(StreamId) override { ended_ = true; }
  Outgoing Body(StreamId) override { return {body_, true, trailers_ ? &*trailers_ : nullptr}; }
  void OnTaken(StreamId, size_t bytes) override { body_.erase(0, bytes); }
  void OnClosed(StreamId) override {}

  std::string body_ = std::string(1'000, 'b');
  std::optional<Trailers> trailers_;
  std::unique_ptr<Trailers> request_trailers_;
  bool ended_ = false;
  const Fields fields_;
  std::unique_ptr<Http2Request> request_;
  Http2Session session_{*this, {}};
};

TEST_F(Http2SessionTest, ABodyWaitsForRoomAndComesWhole) {
  Answer();
  const std::string first = Take(500);
  const std::string second = Take(60'000);
  EXPECT_FALSE(Has(kit::ReadFrames(first), FrameType::kData));
  const std::vector<Frame> frames = kit::ReadFrames(second);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames.front().type, FrameType::kData);
  EXPECT_EQ(frames.front().payload, std::string(1'000, 'b'));
  EXPECT_EQ(frames.front().flags, kit::kEndStream);
}

// A literal that no table keeps (RFC 7541, section 6.2.2).
std::string Literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) +
         value;
}

TEST_F(Http2SessionTest, TrailersFollowTheBodyInLowerCaseAndEndTheStream) {
  trailers_.emplace();
  ASSERT_TRUE(trailers_->Add("Grpc-Status", "0"));
  Answer();
  const std::vector<Frame> frames = kit::ReadFrames(Take(60'000));
  ASSERT_GE(frames.size(), 3u);
  const Frame& data = frames[frames.size() - 2];
  EXPECT_EQ(data.type, FrameType::kData);
  EXPECT_EQ(data.payload, std::string(1'000, 'b'));
  EXPECT_EQ(data.flags, 0);
  EXPECT_EQ(frames.back().type, FrameType::kHeaders);
  EXPECT_EQ(frames.back().flags, kit::kEndHeaders | kit::kEndStream);
}

TEST_F(Http2SessionTest, TrailersWithoutABodyNeedNoEmptyFrame) {
  trailers_.emplace();
  ASSERT_TRUE(trailers_->Add("grpc-status", "0"));
  body_.clear();
  Answer();
  const std::vector<Frame> frames = kit::ReadFrames(Take(60'000));
  EXPECT_FALSE(Has(frames, FrameType::kData));
  EXPECT_EQ(frames.back().flags, kit::kEndHeaders | kit::kEndStream);
}

TEST_F(Http2SessionTest, ARequestsTrailersAreKeptButForThoseThatMayNotBe) {
  ended_ = false;
  ASSERT_TRUE(session_.Receive(
      kit::ToBytes({FrameType::kHeaders, kit::kEndHeaders, 3, kit::HeaderBlock("a.example", true)}) +
          kit::ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, 3,
                        Literal("x-sum", "1") + Literal("cookie", "a=b")}),
      SteadyNow()));
  ASSERT_TRUE(request_trailers_);
  EXPECT_EQ(LastChunkWith(*request_trailers_), "0\r\nx-sum: 1\r\n\r\n");
  EXPECT_TRUE(ended_);
}

TEST_F(Http2SessionTest, ARequestWithMoreTrailersThanMayBeIsReset) {
  std::string block;
  for (size_t i = 0; i <= Trailers::kMaxFields; ++i) block += Literal("a", "b");
  ended_ = false;
  ASSERT_TRUE(session_.Receive(
      kit::ToBytes({FrameType::kHeaders, kit::kEndHeaders, 3, kit::HeaderBlock("a.example", true)}) +
          kit::ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, 3, block}),
      SteadyNow()));
  EXPECT_FALSE(ended_);
  EXPECT_TRUE(Has(kit::ReadFrames(Take(60'000)), FrameType::kReset));
}

TEST_F(Http2SessionTest, ABodyThatIsGivenUpWhileItWaitsForRoomLeavesWholeFrames) {
  Answer();
  (void)Take(500);
  body_.clear();
  const std::string rest = Take(60'000);
  const std::vector<Frame> frames = kit::ReadFrames(rest);
  EXPECT_FALSE(Has(frames, FrameType::kData));
  EXPECT_TRUE(Has(frames, FrameType::kReset));
  size_t whole = 0;
  for (const Frame& frame : frames) whole += kit::ToBytes(frame).size();
  EXPECT_EQ(whole, rest.size());
}

}  // namespace
}  // namespace tollgate::http
