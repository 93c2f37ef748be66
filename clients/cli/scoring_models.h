// The model that each row of a summary is scored by: one for all, its population's, or that of its
// covariates.
#ifndef TENURE_CLIENTS_CLI_SCORING_MODELS_H_
#define TENURE_CLIENTS_CLI_SCORING_MODELS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "clients/cli/asked_value.h"
#include "clients/cli/model_option.h"
#include "clients/cli/summary_file.h"
#include "server/clv/covariate_model.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

struct ScoringModel {
  std::shared_ptr<const clv::ValueModel> model;
  std::string version;  // shortened
  std::string from;     // of a population: whose data it is made of
  bool is_own = true;   // of its own customers alone
};

// Immutable.
class ScoringModels {
 public:
  // Of a saved ValueModel, a name with parameters, a saved PopulationModels or CovariateModel;
  // Valued as asked. Errors as Load(ModelOption).
  static absl::StatusOr<ScoringModels> Load(const ModelOption& option, const AskedValue& asked);

  // Whether there is one for each population.
  bool by_population() const { return by_population_; }
  // The column of the populations' names in the file they were fitted to.
  const std::string& column() const { return column_; }
  // One, or the pooled one; of covariates its version alone.
  const ScoringModel& usual() const { return usual_; }
  // The columns that the model reads, by name; mostly none.
  const std::vector<std::string>& covariates() const { return covariates_; }
  // Null but for a model of covariates.
  const clv::CovariateModel* by_covariates() const { return by_covariates_.get(); }
  // The row's: the population's model, or the pooled one, which says so; that of the covariates z;
  // else the usual. INVALID_ARGUMENT as CovariateModel::At.
  absl::StatusOr<ScoringModel> Of(absl::string_view population, absl::Span<const double> z) const;
  double file_unit_days() const { return file_unit_days_; }
  // That a row of the file is one of its model, by CheckCountsIn.
  absl::Status Check(const SummaryFile& file, const SummaryFields& row,
                     const clv::ValueModel& model) const;

 private:
  bool by_population_ = false;
  std::string column_;
  ScoringModel usual_;
  std::map<std::string, ScoringModel> models_;
  std::vector<std::string> covariates_;
  std::shared_ptr<const clv::CovariateModel> by_covariates_;
  double file_unit_days_ = 1;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SCORING_MODELS_H_
