#include "server/planning/fit_options.h"

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/clv/renewals.h"

namespace tenure::planning {
namespace {

using Money = customers::Population::Money;

bool HasRate(const Money& money) {
  return money.margins_known > 0 && money.margin > 0 && money.revenue > 0;
}

// What refunds have left of sales, but for what rounding leaves of nothing.
bool IsLoss(const Money& money) {
  constexpr double kMicro = 1e-6;
  return money.margins_known > 0 && money.revenue > kMicro && money.margin <= 0;
}

absl::Status Loss(const rules::ValueSettings& rules) {
  return absl::FailedPreconditionError(absl::StrCat(
      "margins known so far, refunds taken off, sum to a loss, so value in margin has no positive "
      "rate; ",
      rules.margin_by_category.empty() ? "state value.margin_rate in the rule set"
                                       : "correct value.margin_by_category in the rule set"));
}

}  // namespace

std::vector<clv::Observation> FitRowsOf(const rules::ModelSettings& settings,
                                        absl::Span<const clv::Observation> rows) {
  std::vector<clv::Observation> result =
      clv::RowsFor(settings.model, settings.time_unit_days, rows);
  if (settings.model != "auto") return result;
  for (clv::Observation& row : result) {
    row.log_intervals = std::numeric_limits<double>::quiet_NaN();
  }
  return result;
}

absl::StatusOr<FitOptions> FitOptionsOf(const rules::ValueSettings& rules,
                                        const rules::ModelSettings& settings, const Money& own,
                                        const Money& all) {
  FitOptions options;
  clv::ValueOptions& value = options.value;
  value.time_unit_days = settings.time_unit_days;
  value.horizon_days = settings.horizon_days;
  value.discount_per_year = settings.discount_per_year;
  value.response_window_days = settings.response_window_days;
  value.model = settings.model;
  const Money& sold = own.sold > 0 ? own : all;
  if (sold.sold > 0) value.kept_share = std::clamp(1 - sold.refunded / sold.sold, 0.0, 1.0);
  if (settings.margin_rate.has_value() && rules.margin_by_category.empty()) {
    value.margin_rate = *settings.margin_rate;
    options.margin_rate_source = "rule set";
    return options;
  }
  if (HasRate(own)) {
    value.margin_rate = own.margin / own.revenue;
    options.margin_rate_source =
        rules.margin_by_category.empty()
            ? "pooled over purchases and refunds with a known margin"
            : "pooled over purchases and refunds, with the rule set's margins by category";
    return options;
  }
  if (IsLoss(own)) return Loss(rules);
  if (HasRate(all)) {
    value.margin_rate = all.margin / all.revenue;
    options.margin_rate_source = "pooled over everybody's purchases and refunds";
    return options;
  }
  if (all.margins_known > 0) return Loss(rules);
  value.margin_rate = settings.margin_rate.value_or(1);
  options.is_revenue = !settings.margin_rate.has_value();
  options.margin_rate_source =
      settings.margin_rate.has_value() ? "rule set" : "no margin is known: revenue stands for it";
  return options;
}

}  // namespace tenure::planning
