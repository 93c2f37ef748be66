#include "server/planning/fit_options.h"

#include <algorithm>

#include "absl/status/status.h"

namespace tenure::planning {
namespace {

using Money = customers::Population::Money;

bool HasRate(const Money& money) {
  return money.margins_known > 0 && money.margin > 0 && money.revenue > 0;
}

}  // namespace

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
  if (HasRate(all)) {
    value.margin_rate = all.margin / all.revenue;
    options.margin_rate_source = "pooled over everybody's purchases and refunds";
    return options;
  }
  if (all.margins_known > 0) {
    return absl::FailedPreconditionError(
        "margins known so far, refunds taken off, sum to a loss, so value in margin has no "
        "positive rate; state value.margin_rate in the rule set");
  }
  value.margin_rate = settings.margin_rate.value_or(1);
  options.margin_rate_source =
      settings.margin_rate.has_value() ? "rule set" : "no margin is known: revenue stands for it";
  return options;
}

}  // namespace tenure::planning
