#include "server/clv/population_models.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/status.h"

namespace tenure::clv {
namespace {

absl::Status Check(const Population& population) {
  const auto refuse = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("population `", population.name, "` ", why));
  };
  if (population.model == nullptr) return refuse("has no model");
  if (population.customers < 0) return refuse("has fewer than 0 customers");
  for (const Evidence& evidence : {population.purchases, population.spend}) {
    if (evidence.cases < 0 || !(evidence.own_weight >= 0 && evidence.own_weight <= 1)) {
      return refuse("must have `cases` of 0 or more and an `own_weight` of 0 to 1");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string EvidenceText(const Evidence& evidence, absl::string_view cases) {
  switch (evidence.source) {
    case Source::kOwn:
      return absl::StrCat("own: ", evidence.cases, " ", cases);
    case Source::kBorrowed:
      return absl::StrFormat("borrowed: %d %s, weight of own data %.0f %%", evidence.cases, cases,
                             100 * evidence.own_weight);
    case Source::kPooled:
      break;
  }
  return absl::StrCat("pooled: ", evidence.cases, " ", cases);
}

bool Population::IsOwn() const {
  return purchases.source == Source::kOwn &&
         (model->parameters().spend.empty() || spend.source == Source::kOwn);
}

std::string Population::Text() const {
  std::string text = EvidenceText(purchases, "repeat buyers");
  if (!model->parameters().spend.empty()) {
    absl::StrAppend(&text, "; spend ", EvidenceText(spend, "customers with a spend"));
  }
  return text;
}

absl::StatusOr<std::shared_ptr<const PopulationModels>> PopulationModels::Create(
    std::string column, std::shared_ptr<const ValueModel> pooled,
    std::vector<Population> populations) {
  if (pooled == nullptr) return absl::InvalidArgumentError("there is no pooled model");
  if (populations.empty()) return absl::InvalidArgumentError("there is no population");
  std::sort(populations.begin(), populations.end(),
            [](const Population& l, const Population& r) { return l.name < r.name; });
  for (size_t i = 0; i < populations.size(); ++i) {
    TENURE_RETURN_IF_ERROR(Check(populations[i]));
    if (i > 0 && populations[i - 1].name == populations[i].name) {
      return absl::InvalidArgumentError(
          absl::StrCat("population `", populations[i].name, "` is there twice"));
    }
  }
  return std::shared_ptr<const PopulationModels>(
      new PopulationModels(std::move(column), std::move(pooled), std::move(populations)));
}

const Population* PopulationModels::Find(absl::string_view name) const {
  const auto found = std::lower_bound(
      populations_.begin(), populations_.end(), name,
      [](const Population& population, absl::string_view key) { return population.name < key; });
  return found != populations_.end() && found->name == name ? &*found : nullptr;
}

const ValueModel& PopulationModels::ModelOf(absl::string_view name) const {
  const Population* population = Find(name);
  return population != nullptr ? *population->model : *pooled_;
}

std::string PopulationModels::TextOf(absl::string_view name) const {
  const Population* population = Find(name);
  if (population != nullptr) return population->Text();
  return absl::StrCat("pooled: `", name, "` is none of the populations that were fitted");
}

}  // namespace tenure::clv
