#include "clients/cli/asked_value.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "clients/cli/discount_option.h"
#include "clients/cli/numbers.h"

namespace tenure::cli {

void AskedValue::AddTo(const Command& command) {
  command.AddOption("--horizon", horizon_days, "days of value; the model's if not given")
      .NumberIn(1, kMostDays);
  command.AddOption("--discount", discount,
                    absl::StrCat(kDiscountForms, "; the model's if not given"));
  command.AddOption("--margin-rate", margin_rate, "margin per revenue").NumberIn(0, 1);
}

void AskedValue::Change(clv::ValueOptions* options) const {
  if (horizon_days > 0) options->horizon_days = horizon_days;
  if (!discount.empty()) options->discount_per_year = AnnualDiscount(discount);
  if (std::isfinite(margin_rate)) options->margin_rate = margin_rate;
}

}  // namespace tenure::cli
