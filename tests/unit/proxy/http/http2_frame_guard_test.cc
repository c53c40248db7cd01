#include "proxy/http/http2_frame_guard.h"

#include <gtest/gtest.h>

#include "tests/kit/http2_frames.h"

namespace tollgate::http {
namespace {

using kit::Frame;
using kit::FrameType;
using Verdict = Http2FrameGuard::Verdict;

std::string Headers(uint32_t stream, bool ends = true) {
  const uint8_t flags = ends ? kit::kEndHeaders | kit::kEndStream : kit::kEndHeaders;
  return kit::ToBytes({FrameType::kHeaders, flags, stream, "block"});
}
std::string Data(uint32_t stream, bool ends = false) {
  return kit::ToBytes({FrameType::kData, ends ? kit::kEndStream : uint8_t{0}, stream, "data"});
}
std::string Reset(uint32_t stream) { return kit::ToBytes({FrameType::kReset, 0, stream, kit::Uint32(8)}); }

class Http2FrameGuardTest : public testing::Test {
 protected:
  void SetUp() override { EXPECT_EQ(Check(kit::Http2Greeting()), Verdict::kSound); }
  Verdict Check(const std::string& bytes) { return guard_.Check(bytes).verdict; }
  Http2FrameGuard guard_;
};

TEST_F(Http2FrameGuardTest, RequestsWithAndWithoutABodyPass) {
  EXPECT_EQ(
      Check(Headers(1) + Headers(3, false) + Data(3) + Headers(5, false) + Data(3, true) + Data(5, true)),
      Verdict::kSound);
}

TEST_F(Http2FrameGuardTest, TrailersPass) {
  EXPECT_EQ(Check(Headers(1, false) + Data(1) + Headers(1)), Verdict::kSound);
}

TEST_F(Http2FrameGuardTest, WhatComesBehindTheClientsEndIsOnAClosedStream) {
  EXPECT_EQ(Check(Headers(1) + Data(1)), Verdict::kStreamClosed);
}

TEST_F(Http2FrameGuardTest, HeadersBehindTheClientsEndToo) {
  EXPECT_EQ(Check(Headers(1) + Headers(1)), Verdict::kStreamClosed);
}

TEST_F(Http2FrameGuardTest, AndBehindItsReset) {
  EXPECT_EQ(Check(Headers(1, false) + Reset(1) + Data(1)), Verdict::kStreamClosed);
}

TEST_F(Http2FrameGuardTest, IdentifiersThatGoBackAreAnError) {
  EXPECT_EQ(Check(Headers(5) + Headers(3)), Verdict::kProtocolError);
}

TEST_F(Http2FrameGuardTest, WhatComesBehindOurResetIsNoFault) {
  ASSERT_EQ(Check(Headers(1, false)), Verdict::kSound);
  guard_.NoteReset(1);
  EXPECT_EQ(Check(Data(1) + Data(1, true)), Verdict::kSound);
}

TEST_F(Http2FrameGuardTest, OurResetOfAStreamThatTheClientHadEndedExcusesNothing) {
  ASSERT_EQ(Check(Headers(1)), Verdict::kSound);
  guard_.NoteReset(1);
  EXPECT_EQ(Check(Data(1)), Verdict::kStreamClosed);
}

// Bytes before the frame at fault are to be served, and those from its head on are not.
TEST_F(Http2FrameGuardTest, SoundBytesEndBeforeTheFrameAtFault) {
  const std::string sound = Headers(1) + Headers(3);
  const auto checked = guard_.Check(sound + Data(1));
  EXPECT_EQ(checked.sound, sound.size());
}

TEST_F(Http2FrameGuardTest, VerdictsAreTheSameWhereverTheBytesAreCut) {
  const std::string bytes = Headers(1) + Headers(7, false) + Data(7, true) + Headers(5);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    Http2FrameGuard guard;
    ASSERT_EQ(guard.Check(kit::Http2Greeting()).verdict, Verdict::kSound);
    const Verdict first = guard.Check(bytes.substr(0, cut)).verdict;
    const Verdict second = first == Verdict::kSound ? guard.Check(bytes.substr(cut)).verdict : first;
    EXPECT_EQ(second, Verdict::kProtocolError) << cut;
  }
}

TEST_F(Http2FrameGuardTest, FramesOfTheConnectionAndOfNoClientAreLeftToOthers) {
  EXPECT_EQ(Check(kit::ToBytes({FrameType::kPing, 0, 0, "12345678"}) + Headers(2)), Verdict::kSound);
}

}  // namespace
}  // namespace tollgate::http
