// Calendar windows, in UTC.
#include "proxy/store/credit_window.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate::store {
namespace {

using api::Quota;

WallMicros At(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
  using namespace std::chrono;  // NOLINT(build/namespaces)
  const sys_days date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return duration_cast<microseconds>(
             (date + hours(hour) + minutes(minute) + seconds(second)).time_since_epoch())
      .count();
}

void ExpectWindow(Quota::Calendar calendar, WallMicros time, WallMicros start, WallMicros end,
                  WallMicros next_end) {
  const WindowBounds window = WindowAt(calendar, time);
  EXPECT_EQ(FormatTimeMicros(window.start), FormatTimeMicros(start));
  EXPECT_EQ(FormatTimeMicros(window.end), FormatTimeMicros(end));
  EXPECT_EQ(FormatTimeMicros(window.next_end), FormatTimeMicros(next_end));
}

TEST(CalendarWindow, HourBeginsOnTheHour) {
  ExpectWindow(Quota::HOUR, At(2026, 12, 31, 23, 59, 59), At(2026, 12, 31, 23), At(2027, 1, 1),
               At(2027, 1, 1, 1));
}

TEST(CalendarWindow, DayBeginsAtMidnight) {
  ExpectWindow(Quota::DAY, At(2028, 2, 28, 12), At(2028, 2, 28), At(2028, 2, 29), At(2028, 3, 1));
}

TEST(CalendarWindow, WeekBeginsOnMonday) {
  // 2026-11-16 is a Monday.
  for (const WallMicros time : {At(2026, 11, 16), At(2026, 11, 18, 5), At(2026, 11, 22, 23, 59, 59)}) {
    ExpectWindow(Quota::WEEK, time, At(2026, 11, 16), At(2026, 11, 23), At(2026, 11, 30));
  }
  ExpectWindow(Quota::WEEK, At(2026, 11, 15, 23, 59, 59), At(2026, 11, 9), At(2026, 11, 16),
               At(2026, 11, 23));
}

TEST(CalendarWindow, MonthIsAsLongAsItIs) {
  ExpectWindow(Quota::MONTH, At(2027, 2, 28, 23, 59, 59), At(2027, 2, 1), At(2027, 3, 1), At(2027, 4, 1));
  ExpectWindow(Quota::MONTH, At(2028, 2, 29), At(2028, 2, 1), At(2028, 3, 1), At(2028, 4, 1));
  ExpectWindow(Quota::MONTH, At(2026, 11, 30, 12), At(2026, 11, 1), At(2026, 12, 1), At(2027, 1, 1));
  ExpectWindow(Quota::MONTH, At(2026, 12, 31), At(2026, 12, 1), At(2027, 1, 1), At(2027, 2, 1));
}

TEST(CalendarWindow, CenturyIsNoLeapYearButForTheFourth) {
  ExpectWindow(Quota::MONTH, At(2100, 2, 28), At(2100, 2, 1), At(2100, 3, 1), At(2100, 4, 1));
  EXPECT_EQ(WindowAt(Quota::DAY, At(2100, 2, 28)).end, At(2100, 3, 1));
  EXPECT_EQ(WindowAt(Quota::DAY, At(2000, 2, 28)).end, At(2000, 2, 29));
}

TEST(CalendarWindow, YearBeginsInJanuary) {
  ExpectWindow(Quota::YEAR, At(2028, 12, 31, 23, 59, 59), At(2028, 1, 1), At(2029, 1, 1), At(2030, 1, 1));
}

TEST(CalendarWindow, FirstMicrosecondBelongsToTheNewWindow) {
  EXPECT_EQ(WindowAt(Quota::MONTH, At(2026, 12, 1)).start, At(2026, 12, 1));
  EXPECT_EQ(WindowAt(Quota::MONTH, At(2026, 12, 1) - 1).start, At(2026, 11, 1));
}

QuotaItem OneCredit(WindowBounds window) { return {1, 1, 1, false, window}; }

TEST(CreditWindow, RequestThatIsLateByAWindowIsChargedToTheOneThatIsOpen) {
  CreditWindow credits;
  const QuotaItem quota = OneCredit({0, 100, 200});
  credits.Prepare(quota, 250);
  EXPECT_TRUE(credits.Admits(quota));
  credits.Charge(quota);
  EXPECT_EQ(credits.StateFor(quota).start, 200);
  EXPECT_EQ(credits.StateFor(quota).end, 300);
}

TEST(CreditWindow, RecordFromFarAheadIsDatedBackAndKeepsItsCredits) {
  CreditWindow credits;
  const QuotaItem future = OneCredit({10'000, 10'100, 10'200});
  credits.Prepare(future, 10'050);
  credits.Charge(future);
  const QuotaItem present = OneCredit({0, 100, 200});
  credits.Prepare(present, 50);
  EXPECT_FALSE(credits.Admits(present));
  credits.Prepare(present, 100);
  EXPECT_TRUE(credits.Admits(present));
}

TEST(CreditWindow, OverageStopsAtTheLargestNumber) {
  CreditWindow credits;
  const QuotaItem quota{1, 1, UINT64_MAX, true, {0, 100, 200}};
  credits.Prepare(quota, 50);
  credits.Charge(quota);
  credits.Charge(quota);
  EXPECT_EQ(credits.StateFor(quota).used, 1U);
  EXPECT_EQ(credits.StateFor(quota).overage, UINT64_MAX);
}

}  // namespace
}  // namespace tollgate::store
