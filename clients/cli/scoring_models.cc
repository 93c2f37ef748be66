#include "clients/cli/scoring_models.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/counted_rows.h"
#include "clients/cli/session.h"
#include "clients/cli/time_unit.h"
#include "server/base/status.h"
#include "server/clv/population_models.h"

namespace tenure::cli {
namespace {

constexpr size_t kVersionDigits = 12;

absl::StatusOr<ScoringModel> Changed(clv::ValueParameters parameters, clv::ValueOptions options,
                                     const AskedValue& asked) {
  asked.Change(&options);
  ScoringModel scoring;
  TENURE_ASSIGN_OR_RETURN(scoring.model,
                          clv::ValueModel::Create(std::move(parameters), std::move(options)));
  scoring.version = scoring.model->Version().substr(0, kVersionDigits);
  return scoring;
}

}  // namespace

absl::StatusOr<ScoringModels> ScoringModels::Load(const ModelOption& option,
                                                  const AskedValue& asked) {
  ScoringModels models;
  std::string json;
  if (option.model.empty()) TENURE_RETURN_IF_ERROR(ReadFile(option.files[0], &json));
  if (clv::CovariateModel::IsJson(json)) {
    auto saved = clv::CovariateModel::FromJson(json);
    if (!saved.ok()) return Annotate(saved.status(), option.files[0]);
    clv::ValueOptions value = (*saved)->baseline().options();
    models.file_unit_days_ = option.unit.empty() ? value.time_unit_days : UnitDays(option.unit);
    asked.Change(&value);
    TENURE_ASSIGN_OR_RETURN(models.by_covariates_,
                            clv::CovariateModel::Create((*saved)->parameters(), value));
    models.covariates_ = (*saved)->names();
    models.usual_.version = models.by_covariates_->Version().substr(0, kVersionDigits);
    return models;
  }
  if (!clv::PopulationModels::IsJson(json)) {
    TENURE_ASSIGN_OR_RETURN(LoadedModel loaded, cli::Load(option));
    models.file_unit_days_ = loaded.file_unit_days;
    TENURE_ASSIGN_OR_RETURN(
        models.usual_, Changed(std::move(loaded.parameters), std::move(loaded.options), asked));
    return models;
  }
  auto saved = clv::PopulationModels::FromJson(json);
  if (!saved.ok()) return Annotate(saved.status(), option.files[0]);
  const clv::ValueModel& pooled = (*saved)->pooled();
  models.by_population_ = true;
  models.column_ = (*saved)->column();
  models.file_unit_days_ =
      option.unit.empty() ? pooled.options().time_unit_days : UnitDays(option.unit);
  TENURE_ASSIGN_OR_RETURN(models.usual_, Changed(pooled.parameters(), pooled.options(), asked));
  for (const clv::Population& population : (*saved)->populations()) {
    TENURE_ASSIGN_OR_RETURN(ScoringModel scoring, Changed(population.model->parameters(),
                                                          population.model->options(), asked));
    scoring.from = population.Text();
    scoring.is_own = population.IsOwn();
    models.models_.emplace(population.name, std::move(scoring));
  }
  return models;
}

absl::Status ScoringModels::Check(const SummaryFile& file, const SummaryFields& row,
                                  const clv::ValueModel& model) const {
  return CheckCountsIn(file, row, model.model(), file_unit_days_ / model.options().time_unit_days);
}

absl::StatusOr<ScoringModel> ScoringModels::Of(absl::string_view population,
                                               absl::Span<const double> z) const {
  if (by_covariates_ != nullptr) {
    ScoringModel scoring = usual_;
    TENURE_ASSIGN_OR_RETURN(scoring.model, by_covariates_->At(z));
    return scoring;
  }
  if (!by_population_) return usual_;
  const auto found = models_.find(std::string(population));
  if (found != models_.end()) return found->second;
  ScoringModel scoring = usual_;
  scoring.is_own = false;
  scoring.from = absl::StrCat("pooled: `", population, "` is none of the populations fitted");
  return scoring;
}

}  // namespace tenure::cli
