#include "server/clv/season.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/base/status.h"

namespace tenure::clv {
namespace {

constexpr double kDaysPerYear = 365.25;
constexpr size_t kDaysPerWeek = 7;

absl::Status Check(absl::Span<const double> multipliers, size_t wanted, const char* what) {
  if (multipliers.size() != wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " needs ", wanted, " numbers, not ", multipliers.size()));
  }
  double sum = 0;
  for (const double multiplier : multipliers) {
    if (!std::isfinite(multiplier) || multiplier < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          what, ": a multiplier of the rate must be 0 or more and finite, not ", multiplier));
    }
    sum += multiplier;
  }
  if (sum > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": they are all 0, so nobody ever buys"));
}

}  // namespace

absl::Status Season::AddWeeks(absl::Span<const double> multipliers) {
  TENURE_RETURN_IF_ERROR(Check(multipliers, kWeeksOfYear, "weeks"));
  parts_.push_back({{multipliers.begin(), multipliers.end()}});
  return absl::OkStatus();
}

absl::Status Season::AddWeekdays(absl::Span<const double> multipliers) {
  TENURE_RETURN_IF_ERROR(Check(multipliers, kDaysPerWeek, "weekdays"));
  parts_.push_back({{multipliers.begin(), multipliers.end()}});
  return absl::OkStatus();
}

absl::Status Season::AddSine(double amplitude, int peak) {
  if (!(amplitude >= 0 && amplitude <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("sine: the amplitude must be from 0 to 1, not ", amplitude));
  }
  if (peak < 1 || peak > 366) {
    return absl::InvalidArgumentError(
        absl::StrCat("sine: the peak must be a day of the year from 1 to 366, not ", peak));
  }
  parts_.push_back({{}, amplitude, peak});
  return absl::OkStatus();
}

double Season::On(int64_t day) const {
  const absl::CivilDay date = absl::CivilDay(1970, 1, 1) + day;
  const int of_year = absl::GetYearDay(date);  // from 1 on
  double product = 1;
  for (const Part& part : parts_) {
    if (part.multipliers.empty()) {
      product *= 1 + part.amplitude *
                         std::cos(2 * std::numbers::pi * (of_year - part.peak) / kDaysPerYear);
    } else if (part.multipliers.size() == kDaysPerWeek) {
      product *= part.multipliers[static_cast<size_t>(absl::GetWeekday(date))];  // Monday is 0
    } else {
      const size_t week = static_cast<size_t>(of_year - 1) / kDaysPerWeek;
      product *= part.multipliers[std::min(week, kWeeksOfYear - 1)];
    }
  }
  return product;
}

}  // namespace tenure::clv
