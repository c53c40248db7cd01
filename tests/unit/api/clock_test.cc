#include "api/base/clock.h"

#include <gtest/gtest.h>

#include <random>

namespace tollgate {
namespace {

constexpr WallMicros kSecond = 1'000'000;
// RFC 9110, section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT.
constexpr WallMicros kExample = 784'111'777 * kSecond;

TEST(FormatTime, SecondsAreCutNotRounded) {
  EXPECT_EQ(FormatTime(kExample), "1994-11-06T08:49:37Z");
  EXPECT_EQ(FormatTime(kExample + kSecond - 1), "1994-11-06T08:49:37Z");
}

TEST(FormatTime, MicrosecondsHaveSixDigits) {
  EXPECT_EQ(FormatTimeMicros(kExample + 1), "1994-11-06T08:49:37.000001Z");
  EXPECT_EQ(FormatTimeMicros(kExample + kSecond - 1), "1994-11-06T08:49:37.999999Z");
  EXPECT_EQ(FormatTimeMicros(0), "1970-01-01T00:00:00.000000Z");
}

TEST(FormatTime, TimesBefore1970CountBackwards) {
  EXPECT_EQ(FormatTimeMicros(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(FormatTime(-kSecond), "1969-12-31T23:59:59Z");
}

TEST(FormatTime, LeapDaysAndCenturiesAreRight) {
  EXPECT_EQ(FormatTime(951'782'400 * kSecond), "2000-02-29T00:00:00Z");
  EXPECT_EQ(FormatTime(4'107'542'400 * kSecond), "2100-03-01T00:00:00Z");
}

TEST(ParseRfc3339, OffsetsAreTakenOff) {
  for (const char* text : {"1994-11-06T08:49:37Z", "1994-11-06t08:49:37z", "1994-11-06T08:49:37+00:00",
                           "1994-11-06T08:49:37-00:00", "1994-11-06T09:49:37+01:00",
                           "1994-11-05T23:04:37-09:45", "1994-11-07T08:48:37+23:59"}) {
    EXPECT_EQ(ParseRfc3339(text), kExample) << text;
  }
}

TEST(ParseRfc3339, FractionsAreCutAtMicroseconds) {
  EXPECT_EQ(ParseRfc3339("1994-11-06T08:49:37.5Z"), kExample + 500'000);
  EXPECT_EQ(ParseRfc3339("1994-11-06T08:49:37.000001Z"), kExample + 1);
  EXPECT_EQ(ParseRfc3339("1994-11-06T08:49:37.0000019999999999999999999Z"), kExample + 1);
}

TEST(ParseRfc3339, LeapSecondIsTheNextOne) {
  EXPECT_EQ(ParseRfc3339("2016-12-31T23:59:60Z"), ParseRfc3339("2017-01-01T00:00:00Z"));
}

TEST(ParseRfc3339, NothingElseIsAccepted) {
  for (const char* text : {"",
                           "1994-11-06",
                           "1994-11-06T08:49:37",
                           "1994-11-06 08:49:37Z",
                           "94-11-06T08:49:37Z",
                           "1994-11-6T08:49:37Z",
                           "1994-13-06T08:49:37Z",
                           "1994-00-06T08:49:37Z",
                           "1994-11-00T08:49:37Z",
                           "1994-11-31T08:49:37Z",
                           "1995-02-29T08:49:37Z",
                           "1900-02-29T08:49:37Z",
                           "1994-11-06T24:00:00Z",
                           "1994-11-06T08:60:00Z",
                           "1994-11-06T08:49:61Z",
                           "1994-11-06T08:49:37.Z",
                           "1994-11-06T08:49:37,5Z",
                           "1994-11-06T08:49:37+0100",
                           "1994-11-06T08:49:37+01",
                           "1994-11-06T08:49:37+24:00",
                           "1994-11-06T08:49:37+01:60",
                           "1994-11-06T08:49:37ZZ",
                           "1994-11-06T08:49:37Z ",
                           " 1994-11-06T08:49:37Z",
                           "+994-11-06T08:49:37Z",
                           "1994-11-06T08:49Z",
                           "1994/11/06T08:49:37Z",
                           "19941106T084937Z"}) {
    EXPECT_FALSE(ParseRfc3339(text)) << text;
  }
}

TEST(ParseRfc3339, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10'000; ++i) {
    // Years 1000 to 9999: what is written with four digits.
    const auto seconds = static_cast<int64_t>(random() % 284'012'524'800) - 30'610'224'000;
    const WallMicros time = seconds * kSecond + static_cast<int64_t>(random() % 1'000'000);
    EXPECT_EQ(ParseRfc3339(FormatTimeMicros(time)), time) << FormatTimeMicros(time);
  }
}

TEST(SystemWallClock, TellsMicrosecondsSince1970) {
  // 2020 to 2100.
  EXPECT_GT(SystemWallClock().Now(), 1'577'836'800 * kSecond);
  EXPECT_LT(SystemWallClock().Now(), 4'102'444'800 * kSecond);
}

}  // namespace
}  // namespace tollgate
