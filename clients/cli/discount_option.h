// --discount: a rate with its time unit.
#ifndef TENURE_CLIENTS_CLI_DISCOUNT_OPTION_H_
#define TENURE_CLIENTS_CLI_DISCOUNT_OPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/command.h"
#include "server/base/discount.h"

namespace tenure::cli {

inline constexpr char kDiscountForms[] =
    "0.1 or 10% a year; else with its unit: 1%/month, 12%/year compounded monthly, 0.002/week "
    "continuous";

// The annual effective rate. Ends the command as wrong usage where it is none.
inline double AnnualDiscount(const std::string& text) {
  const absl::StatusOr<Discount> discount = ParseDiscount(text);
  if (!discount.ok()) {
    RefuseUsage("--discount: " + std::string(discount.status().message()));
  }
  return discount->PerYear();
}

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_DISCOUNT_OPTION_H_
