#include "api/base/duration.h"

#include <gmock/gmock.h>

#include <random>

namespace tollgate {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

milliseconds Read(std::string_view text) {
  const Result<milliseconds> read = ParseDuration(text);
  EXPECT_TRUE(read.ok()) << text;
  return read.ok() ? *read : milliseconds(-1);
}

TEST(Duration, EveryUnitIsRead) {
  EXPECT_EQ(Read("2h"), std::chrono::hours(2));
  EXPECT_EQ(Read("3m"), std::chrono::minutes(3));
  EXPECT_EQ(Read("4s"), std::chrono::seconds(4));
  EXPECT_EQ(Read("5ms"), milliseconds(5));
}

TEST(Duration, GroupsAddUpInAnyOrder) {
  EXPECT_EQ(Read("1h30m"), std::chrono::minutes(90));
  EXPECT_EQ(Read("30m1h"), std::chrono::minutes(90));
  EXPECT_EQ(Read("1s1s1s1s"), std::chrono::seconds(4));
  EXPECT_EQ(Read("1m1ms"), milliseconds(60'001));
  EXPECT_EQ(Read("1ms1m"), milliseconds(60'001));
}

TEST(Duration, FiveDigitsInFourGroupsAreTheMost) {
  EXPECT_EQ(Read("99999h"), std::chrono::hours(99'999));
  EXPECT_EQ(Read("00001h"), std::chrono::hours(1));
  EXPECT_EQ(Read("99999h99999h99999h99999h"), std::chrono::hours(4 * 99'999));
}

TEST(Duration, ZeroIsADuration) { EXPECT_EQ(Read("0s"), milliseconds(0)); }

TEST(Duration, NothingElseIsAccepted) {
  for (const char* text :
       {"",    "1",       "h",          "1d", "1us", "1ns",  "-1s",   "+1s",  "1.5s", "1 s", " 1s",
        "1s ", "100000s", "1s1s1s1s1s", "1H", "1sm", "1m s", "1h-1m", "0x1s", "１s",  "1s\n"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
  EXPECT_FALSE(ParseDuration(std::string_view("1s\0", 3)).ok());
}

TEST(Duration, RefusalQuotesTheTextAndSaysWhatToWrite) {
  const Result<milliseconds> read = ParseDuration("5 minutes");
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("\"5 minutes\""));
  EXPECT_THAT(read.error().message, HasSubstr("such as 1h, 30m, 15s or 250ms"));
}

TEST(Duration, ShortestFormIsWritten) {
  EXPECT_EQ(FormatDuration(milliseconds(0)), "0s");
  EXPECT_EQ(FormatDuration(std::chrono::seconds(90)), "1m30s");
  EXPECT_EQ(FormatDuration(milliseconds(3'600'001)), "1h1ms");
  EXPECT_EQ(FormatDuration(milliseconds(999)), "999ms");
}

TEST(Duration, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const milliseconds duration(random() % (uint64_t{99'999} * 3'600'000));
    EXPECT_EQ(Read(FormatDuration(duration)), duration);
  }
}

}  // namespace
}  // namespace tollgate
