#include "server/clv/renewals.h"

#include <algorithm>
#include <cmath>

namespace tenure::clv {
namespace {

constexpr double kGrace = 0.05;  // of a period

}  // namespace

bool IsContract(absl::string_view model) { return model == "sbg" || model == "bdw"; }

History RenewalsOf(const History& history) {
  const double renewals = std::min(std::round(history.recency), std::floor(history.frequency));
  double silence = history.age - history.recency;
  if (silence > 1 && silence <= 1 + kGrace) silence = 1;
  return {renewals, renewals, renewals + silence};
}

Observation RenewalsOf(const Observation& row, double period_days) {
  const History periods =
      RenewalsOf({row.frequency, row.recency_days / period_days, row.age_days / period_days});
  Observation renewals = row;
  renewals.frequency = periods.frequency;
  renewals.recency_days = periods.recency * period_days;
  renewals.age_days = periods.age * period_days;
  return renewals;
}

std::vector<Observation> RowsFor(absl::string_view model, double time_unit_days,
                                 absl::Span<const Observation> rows) {
  std::vector<Observation> result(rows.begin(), rows.end());
  if (!IsContract(model)) return result;
  for (Observation& row : result) row = RenewalsOf(row, time_unit_days);
  return result;
}

}  // namespace tenure::clv
