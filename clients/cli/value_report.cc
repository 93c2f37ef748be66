#include "clients/cli/value_report.h"

#include <cmath>
#include <cstdint>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/session.h"

namespace tenure::cli {

std::string BasisOf(double margin_rate) { return margin_rate == 1 ? "revenue" : "margin"; }

void PrintTotals(const Totals& totals, bool json) {
  Json document;
  for (const auto& [name, value] : totals) document[name] = value;
  if (json) return PrintJson(document);
  for (const auto& [name, value] : totals) {
    std::cout << absl::StrFormat("%-33s %s\n", name,
                                 value.is_number_float()
                                     ? absl::StrFormat("%.4f", value.get<double>())
                                 : value.is_string() ? value.get<std::string>()
                                 : value.is_null()   ? "-"
                                                     : value.dump());
  }
}

void AddRanged(const std::string& name, const clv::Ranged& ranged, Totals* totals) {
  totals->emplace_back(name, ranged.value);
  totals->emplace_back(name + "_mean_low", ranged.mean_low);
  totals->emplace_back(name + "_mean_high", ranged.mean_high);
  totals->emplace_back(name + "_predictive_low", ranged.predictive_low);
  totals->emplace_back(name + "_predictive_high", ranged.predictive_high);
}

Totals Origin(const clv::ValueModel& model, double margin_rate, double customers) {
  const clv::ValueParameters& parameters = model.parameters();
  const bool known = parameters.purchase_log_cov.empty() && parameters.spend_log_cov.empty();
  return {{"basis", BasisOf(margin_rate)},
          {"model", absl::StrCat(model.model(), " ", model.Version().substr(0, 12))},
          {"intervals", known ? "95 %; parameters without standard errors are taken as known"
                              : "95 %, of the mean by the fit's standard errors"},
          {"customers", customers == std::floor(customers) ? Json(static_cast<int64_t>(customers))
                                                           : Json(customers)}};
}

}  // namespace tenure::cli
