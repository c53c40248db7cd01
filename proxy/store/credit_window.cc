#include "proxy/store/credit_window.h"

#include <algorithm>
#include <chrono>

namespace tollgate::store {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month;
using std::chrono::year_month_day;
using std::chrono::years;
using Moment = std::chrono::sys_time<microseconds>;

WallMicros Micros(Moment moment) { return moment.time_since_epoch().count(); }

// Windows that all last equally long.
WindowBounds Even(Moment start, microseconds length) {
  return {Micros(start), Micros(start + length), Micros(start + 2 * length)};
}

sys_days FirstDay(year_month month) { return sys_days(month / 1); }

// Windows of whole months, as many as `step`.
WindowBounds Monthly(year_month start, months step) {
  return {Micros(FirstDay(start)), Micros(FirstDay(start + step)), Micros(FirstDay(start + 2 * step))};
}

uint64_t SaturatingAdd(uint64_t a, uint64_t b) { return a + std::min(b, UINT64_MAX - a); }

}  // namespace

WindowBounds WindowAt(api::Quota::Calendar calendar, WallMicros time) {
  const Moment moment{microseconds(time)};
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  switch (calendar) {
    case api::Quota::HOUR: return Even(floor<hours>(moment), hours(1));
    case api::Quota::DAY: return Even(day, days(1));
    case api::Quota::WEEK: return Even(day - (std::chrono::weekday(day) - std::chrono::Monday), days(7));
    case api::Quota::YEAR: return Monthly(date.year() / std::chrono::January, months(12));
    default: return Monthly(date.year() / date.month(), months(1));
  }
}

void CreditWindow::Prepare(const QuotaItem& quota, WallMicros now) {
  const WindowBounds& asked = quota.window;
  WallMicros start = asked.start;
  WallMicros end = asked.end;
  if (now >= asked.next_end) {
    // The request was a whole window under way. Only a clock that leapt explains it; the lengths serve.
    start = asked.next_end;
    end = asked.next_end + (asked.next_end - asked.end);
  } else if (now >= asked.end) {
    start = asked.end;
    end = asked.next_end;
  }
  // A clock that went back across the edge: what is charged stays in the window that has begun, so that
  // neither the closed one nor this one is given out twice.
  if (start_ == end) return;
  if (end_ <= start) used_ = overage_ = 0;
  start_ = start;
  end_ = end;
}

bool CreditWindow::Admits(const QuotaItem& quota) const {
  return quota.cost == 0 || quota.allow_overage || quota.cost <= Remaining(quota);
}

void CreditWindow::Charge(const QuotaItem& quota) {
  const uint64_t within = std::min(quota.cost, Remaining(quota));
  used_ += within;
  overage_ = SaturatingAdd(overage_, quota.cost - within);
}

QuotaState CreditWindow::StateFor(const QuotaItem& quota) const {
  return {used_, overage_, Remaining(quota), 0, start_, end_};
}

}  // namespace tollgate::store
