#include "server/validation/tracking.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::validation {
namespace {

constexpr int64_t kMostDays = 36'500;
constexpr int64_t kWeek = 7;

absl::Status Check(const TrackedPurchases& purchases, int64_t first_day, int64_t last_first_day) {
  if (last_first_day > purchases.split_day) {
    return absl::InvalidArgumentError(
        "a customer's first purchase is after the split; only who came before can be tracked");
  }
  if (purchases.end_day < purchases.split_day) {
    return absl::InvalidArgumentError("the holdout must end after the split");
  }
  if (purchases.end_day - first_day > kMostDays) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tracking covers ", kMostDays, " days at most, not ", purchases.end_day - first_day));
  }
  return absl::OkStatus();
}

// How many of `days` are on each day from `first` to `last`; others are left out.
std::vector<double> CountByDay(absl::Span<const int64_t> days, int64_t first, int64_t last) {
  std::vector<double> counts(static_cast<size_t>(last - first + 1));
  for (int64_t day : days) {
    if (day >= first && day <= last) ++counts[static_cast<size_t>(day - first)];
  }
  return counts;
}

}  // namespace

absl::StatusOr<Tracking> Track(const TrackedPurchases& purchases,
                               absl::FunctionRef<double(double days)> expected_of_new) {
  if (purchases.first_days.empty()) {
    return absl::InvalidArgumentError("there is no customer to track");
  }
  const auto [earliest, latest] =
      std::minmax_element(purchases.first_days.begin(), purchases.first_days.end());
  const int64_t origin = *earliest;
  TENURE_RETURN_IF_ERROR(Check(purchases, origin, *latest));
  const std::vector<double> entries = CountByDay(purchases.first_days, origin, *latest);
  const std::vector<double> repeats = CountByDay(purchases.repeat_days, origin, purchases.end_day);
  std::vector<double> expected(static_cast<size_t>(purchases.end_day - origin + 1));
  for (size_t age = 1; age < expected.size(); ++age) {
    expected[age] = expected_of_new(static_cast<double>(age));
  }
  Tracking tracking;
  tracking.split_day = purchases.split_day;
  // Weeks end with the split and by sevens from it; the first may be short.
  int64_t end = origin + (purchases.split_day - origin) % kWeek;
  if (end == origin) end += kWeek;
  TrackingWeek before;
  before.end_day = origin;
  size_t counted = 0;
  for (; end <= purchases.end_day; end += kWeek) {
    TrackingWeek week;
    week.end_day = end;
    week.days = static_cast<double>(end - before.end_day);
    week.holdout = end > purchases.split_day;
    for (size_t day = 0; day < entries.size() && origin + static_cast<int64_t>(day) < end; ++day) {
      const int64_t age = end - origin - static_cast<int64_t>(day);
      if (entries[day] > 0)
        week.expected_total += entries[day] * expected[static_cast<size_t>(age)];
    }
    week.actual_total = before.actual_total;
    for (; counted <= static_cast<size_t>(end - origin); ++counted) {
      week.actual_total += repeats[counted];
    }
    week.expected = week.expected_total - before.expected_total;
    week.actual = week.actual_total - before.actual_total;
    (week.holdout ? tracking.holdout_expected : tracking.calibration_expected) += week.expected;
    (week.holdout ? tracking.holdout_actual : tracking.calibration_actual) += week.actual;
    tracking.weeks.push_back(week);
    before = week;
  }
  tracking.days_left_out = purchases.end_day - before.end_day;
  return tracking;
}

}  // namespace tenure::validation
