// Saved models held against a holdout: one for all, or its own for each row.
#ifndef TENURE_CLIENTS_CLI_SAVED_MODELS_H_
#define TENURE_CLIENTS_CLI_SAVED_MODELS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "clients/cli/scoring_models.h"
#include "clients/cli/summary_file.h"
#include "server/validation/model_validation.h"

namespace tenure::cli {

// Which part of the customers each row of a summary is of: its population's, or that of its
// covariates, whose models validation takes together. Not thread-safe.
class SavedModels {
 public:
  // `models` must outlive it.
  explicit SavedModels(const ScoringModels& models) : models_(models) {}

  // Whether rows are needed to tell the models.
  bool by_row() const { return models_.by_population() || models_.by_covariates() != nullptr; }
  // Of one model for all: no rows are needed. Not where by_row().
  validation::PartModel Usual() const { return {"", models_.usual().model, true}; }
  // The file's last row, in the file's order. NOT_FOUND where it lacks the column of populations;
  // INVALID_ARGUMENT naming the place for a covariate that can't be, a row that is none of its
  // model's, or more than 100 different sets of covariates.
  absl::Status Add(const SummaryFile& file, const SummaryFields& row,
                   absl::Span<const absl::string_view> text);

  const std::vector<validation::PartModel>& parts() const { return parts_; }
  const std::vector<size_t>& part_of() const { return part_of_; }

 private:
  absl::Status AddPart(const SummaryFile& file, absl::string_view population);

  const ScoringModels& models_;
  size_t column_ = static_cast<size_t>(-1);
  std::map<std::string, size_t> index_of_;
  std::vector<validation::PartModel> parts_;
  std::vector<size_t> part_of_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SAVED_MODELS_H_
