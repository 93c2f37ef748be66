#include "server/planning/expected_purchases.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/decision/gates.h"

namespace tenure::planning {
namespace {

constexpr size_t kChunk = 1'024;

}  // namespace

absl::StatusOr<std::vector<double>> ExpectedPurchases(const clv::ValueModel& model,
                                                      absl::Span<const clv::Observation> rows,
                                                      double days) {
  clv::ValueOptions options = model.options();
  options.horizon_days = days;
  options.response_window_days = std::min(options.response_window_days, days);
  clv::ValueParameters parameters = model.parameters();
  // Nothing but the expectation is asked for: no intervals.
  parameters.purchase_log_cov.clear();
  parameters.spend_log_cov.clear();
  TENURE_ASSIGN_OR_RETURN(const auto over_period,
                          clv::ValueModel::Create(std::move(parameters), options));
  std::vector<double> expected;
  expected.reserve(rows.size());
  std::vector<clv::ValueFeatures> values;
  for (size_t first = 0; first < rows.size(); first += kChunk) {
    const absl::Span<const clv::Observation> chunk = rows.subspan(first, kChunk);
    values.resize(chunk.size());
    over_period->Compute(chunk, absl::MakeSpan(values));
    for (const clv::ValueFeatures& value : values) expected.push_back(value.expected_purchases);
  }
  return expected;
}

customers::Learning LearningOf(const rules::RuleSet& rules) {
  customers::Learning learning;
  switch (rules.value.learn_from) {
    case rules::LearnFrom::kAll:
      break;
    case rules::LearnFrom::kHoldout:
      learning.who = [&rules](absl::string_view id) {
        return decision::InGlobalHoldout(rules, id);
      };
      break;
    case rules::LearnFrom::kWeighted:
      learning.response_window_us = static_cast<int64_t>(rules.value.response_window_days *
                                                         static_cast<double>(kMicrosPerDay));
      break;
  }
  return learning;
}

absl::StatusOr<std::shared_ptr<const clv::ValueModel>> ModelOf(const journal::ModelRecord& record) {
  auto model = clv::ValueModel::FromJson(record.model_json);
  if (model.ok()) return model;
  return absl::DataLossError(absl::StrCat("the journal's model ", record.hash,
                                          " can't be read: ", model.status().message()));
}

}  // namespace tenure::planning
