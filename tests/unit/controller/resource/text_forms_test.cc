// The small text forms that Secrets and metadata are made of: RFC 3339 and base64.
#include <gtest/gtest.h>

#include "api/base/clock.h"
#include "controller/resource/base64.h"

namespace tollgate::resource {
namespace {

constexpr WallMicros kSecond = 1'000'000;

TEST(Rfc3339, ReadsWhatItWrites) {
  for (const WallMicros time :
       {WallMicros{0}, 1795253400 * kSecond, -86400 * kSecond, 253402300799 * kSecond}) {
    EXPECT_EQ(ParseRfc3339(FormatTime(time)), time);
    EXPECT_EQ(ParseRfc3339(FormatTimeMicros(time)), time);
  }
}

TEST(Rfc3339, AnOffsetIsTakenOff) {
  EXPECT_EQ(ParseRfc3339("1970-01-01T01:30:00+01:30"), 0);
  EXPECT_EQ(ParseRfc3339("1969-12-31T19:00:00-05:00"), 0);
  EXPECT_EQ(ParseRfc3339("1970-01-01t00:00:00z"), 0);
}

TEST(Rfc3339, FractionsAreKeptToTheMicrosecond) {
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.5Z"), 500'000);
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.1234567Z"), 123'456);
}

TEST(Rfc3339, LeapDaysAndSecondsAreReal) {
  EXPECT_TRUE(ParseRfc3339("2028-02-29T00:00:00Z").has_value());
  EXPECT_FALSE(ParseRfc3339("2026-02-29T00:00:00Z").has_value());
  EXPECT_EQ(ParseRfc3339("2016-12-31T23:59:60Z"), ParseRfc3339("2017-01-01T00:00:00Z"));
}

TEST(Rfc3339, NothingElseIsATime) {
  for (const char* text :
       {"", "2026", "2026-11-21", "2026-11-21T09:30:00", "2026-11-21 09:30:00Z", "2026-11-21T09:30Z",
        "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-11-21T09:30:00.Z", "2026-11-21T09:30:00+1:00", "2026-11-21T09:30:00+24:00",
        "2026-11-21T09:30:00Z ", "+026-11-21T09:30:00Z", "tomorrow"}) {
    EXPECT_FALSE(ParseRfc3339(text).has_value()) << text;
  }
}

TEST(Base64, EveryLengthIsRead) {
  EXPECT_EQ(FromBase64(""), "");
  EXPECT_EQ(FromBase64("Zg=="), "f");
  EXPECT_EQ(FromBase64("Zm8="), "fo");
  EXPECT_EQ(FromBase64("Zm9v"), "foo");
  EXPECT_EQ(FromBase64("Zm9v\nYmFy\n"), "foobar");
  EXPECT_EQ(FromBase64("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64, OnlyOneTextStandsForTheSameBytes) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9v", "Zm9-", "=m9v"}) {
    EXPECT_FALSE(FromBase64(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tollgate::resource
