#include "server/planning/expected_purchases.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/renewals.h"
#include "server/decision/gates.h"

namespace tenure::planning {
namespace {

constexpr size_t kChunk = 1'024;

// Of the rows at those positions.
absl::Status Expect(const clv::ValueModel& model, absl::Span<const clv::Observation> observations,
                    absl::Span<const size_t> rows, double days, std::vector<double>* expected) {
  clv::ValueOptions options = model.options();
  options.horizon_days = days;
  options.response_window_days = std::min(options.response_window_days, days);
  clv::ValueParameters parameters = model.parameters();
  // Nothing but the expectation is asked for: no intervals.
  parameters.purchase_log_cov.clear();
  parameters.spend_log_cov.clear();
  TENURE_ASSIGN_OR_RETURN(const auto over_period,
                          clv::ValueModel::Create(std::move(parameters), options));
  std::vector<clv::Observation> chunk;
  std::vector<clv::ValueFeatures> values;
  for (size_t first = 0; first < rows.size(); first += kChunk) {
    chunk.clear();
    for (const size_t row : rows.subspan(first, kChunk)) chunk.push_back(observations[row]);
    values.resize(chunk.size());
    over_period->Compute(chunk, absl::MakeSpan(values));
    for (size_t i = 0; i < chunk.size(); ++i) {
      (*expected)[rows[first + i]] = values[i].expected_purchases;
    }
  }
  return absl::OkStatus();
}

}  // namespace

void ByModel(const clv::ModelDocument& models, const rules::RuleSet& rules,
             const customers::Population::Summary& summary,
             const std::function<void(const clv::ValueModel& model,
                                      const std::vector<size_t>& rows)>& each) {
  // Whom the models don't know share the pooled one.
  std::vector<std::pair<const clv::ValueModel*, std::vector<size_t>>> groups;
  std::vector<size_t> group_of;  // by population
  for (size_t p = 0; p < std::max(summary.by_population.size(), size_t{1}); ++p) {
    const clv::ValueModel* const model =
        summary.population_of.empty() ? models.model.get() : &models.ModelOf(rules.value.NameOf(p));
    const auto known = std::find_if(groups.begin(), groups.end(),
                                    [model](const auto& group) { return group.first == model; });
    group_of.push_back(static_cast<size_t>(known - groups.begin()));
    if (known == groups.end()) groups.emplace_back(model, std::vector<size_t>());
  }
  for (size_t i = 0; i < summary.observations.size(); ++i) {
    const size_t population = summary.population_of.empty() ? 0 : summary.population_of[i];
    groups[group_of[population]].second.push_back(i);
  }
  for (const auto& [model, rows] : groups) {
    if (!rows.empty()) each(*model, rows);
  }
}

absl::StatusOr<std::vector<double>> ExpectedPurchases(const clv::ModelDocument& models,
                                                      const rules::RuleSet& rules,
                                                      const customers::Population::Summary& summary,
                                                      double days) {
  std::vector<double> expected(summary.observations.size());
  absl::Status status;
  ByModel(models, rules, summary,
          [&](const clv::ValueModel& model, const std::vector<size_t>& rows) {
            status.Update(Expect(model, summary.observations, rows, days, &expected));
          });
  if (!status.ok()) return status;
  return expected;
}

customers::Learning LearningOf(const std::shared_ptr<const rules::RuleSet>& rules) {
  customers::Learning learning;
  learning.rules = rules;
  switch (rules->value.learn_from) {
    case rules::LearnFrom::kAll:
      break;
    case rules::LearnFrom::kHoldout:
      learning.who = [rules](absl::string_view id) {
        return decision::InGlobalHoldout(*rules, id);
      };
      break;
    case rules::LearnFrom::kWeighted:
      const auto window_of = [](const rules::ModelSettings& settings) {
        return clv::IsContract(settings.model)
                   ? 0
                   : static_cast<int64_t>(settings.response_window_days *
                                          static_cast<double>(kMicrosPerDay));
      };
      learning.response_window_us = window_of(rules->value);
      if (rules->value.populations.empty()) break;
      for (size_t p = 0; p <= rules->value.populations.size(); ++p) {
        learning.response_windows_us.push_back(window_of(rules->value.SettingsOf(p)));
      }
      break;
  }
  return learning;
}

absl::StatusOr<clv::ModelDocument> ModelOf(const journal::ModelRecord& record) {
  auto models = clv::ReadModelDocument(record.model_json);
  if (models.ok()) return models;
  return absl::DataLossError(absl::StrCat("the journal's model ", record.hash,
                                          " can't be read: ", models.status().message()));
}

}  // namespace tenure::planning
