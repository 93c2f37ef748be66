#include "clients/cli/score_totals.h"

#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_format.h"
#include "clients/cli/session.h"
#include "clients/cli/summary_file.h"
#include "clients/cli/table.h"
#include "server/base/status.h"
#include "server/clv/total_value.h"

namespace tenure::cli {
namespace {

using Segments = std::map<std::string, std::vector<clv::Observation>>;
constexpr char kBase[] = "all";

absl::Status Read(const std::string& path, double unit, const std::string& by,
                  std::vector<clv::Observation>* base, Segments* segments) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file, SummaryFile::Open(path, ""));
  size_t column = 0;
  if (!by.empty()) {
    TENURE_ASSIGN_OR_RETURN(column, file->reader().Column(by));
  }
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) return absl::OkStatus();
    const clv::Observation observation{row.frequency, row.recency * unit, row.age * unit,
                                       row.mean_spend, row.kept};
    base->push_back(observation);
    if (!by.empty()) (*segments)[std::string(text[column])].push_back(observation);
  }
}

nlohmann::ordered_json ToJson(const std::string& name, const clv::TotalValue& total) {
  return {{"segment", name},
          {"customers", total.customers},
          {"expected_purchases", total.expected_purchases},
          {"clv", total.clv},
          {"clv_mean_low", total.clv_mean_low},
          {"clv_mean_high", total.clv_mean_high},
          {"clv_predictive_low", total.clv_predictive_low},
          {"clv_predictive_high", total.clv_predictive_high}};
}

}  // namespace

absl::Status PrintTotals(const clv::ValueModel& model, const std::string& path, double unit_days,
                         const std::string& by, bool json) {
  std::vector<clv::Observation> base;
  Segments segments;
  TENURE_RETURN_IF_ERROR(Read(path, unit_days, by, &base, &segments));
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  Table table({"segment", "customers", "purchases", "value", "mean, 95 %", "outcome, 95 %"});
  const auto add = [&](const std::string& name,
                       const std::vector<clv::Observation>& customers) -> absl::Status {
    TENURE_ASSIGN_OR_RETURN(const clv::TotalValue total, clv::TotalOf(model, customers));
    rows.push_back(ToJson(name, total));
    table.Add(
        {name, absl::StrFormat("%.0f", total.customers),
         absl::StrFormat("%.1f", total.expected_purchases), absl::StrFormat("%.2f", total.clv),
         absl::StrFormat("%.2f to %.2f", total.clv_mean_low, total.clv_mean_high),
         absl::StrFormat("%.2f to %.2f", total.clv_predictive_low, total.clv_predictive_high)});
    return absl::OkStatus();
  };
  TENURE_RETURN_IF_ERROR(add(kBase, base));
  for (const auto& [name, customers] : segments) TENURE_RETURN_IF_ERROR(add(name, customers));
  if (json) {
    PrintJson({{"basis", model.basis()},
               {"model", model.Version()},
               {"horizon_days", model.options().horizon_days},
               {"totals", std::move(rows)}});
    return absl::OkStatus();
  }
  table.Print();
  std::cout << absl::StrFormat("%s over %g days, discounted; model %s %s\n", model.basis(),
                               model.options().horizon_days, model.model(),
                               model.Version().substr(0, 12));
  return absl::OkStatus();
}

}  // namespace tenure::cli
