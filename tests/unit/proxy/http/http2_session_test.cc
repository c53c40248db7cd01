#include "proxy/http/http2_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

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
  void OnBodyEnd(StreamId) override {}
  Outgoing Body(StreamId) override { return {body_, true}; }
  void OnTaken(StreamId, size_t bytes) override { body_.erase(0, bytes); }
  void OnClosed(StreamId) override {}

  std::string body_ = std::string(1'000, 'b');
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
