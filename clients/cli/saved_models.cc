#include "clients/cli/saved_models.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::cli {
namespace {

constexpr size_t kMostParts = 100;

}  // namespace

absl::Status SavedModels::Add(const SummaryFile& file, const SummaryFields& row,
                              absl::Span<const absl::string_view> text) {
  if (models_.by_population() && column_ == static_cast<size_t>(-1)) {
    TENURE_ASSIGN_OR_RETURN(column_, file.reader().Column(models_.column()));
  }
  std::string name;
  if (models_.by_population()) name = std::string(text[column_]);
  for (size_t i = 0; i < file.covariates().size(); ++i) {
    absl::StrAppend(&name, i == 0 ? "" : ", ", models_.covariates()[i], " ", file.covariates()[i]);
  }
  const auto [at, is_new] = index_of_.try_emplace(name, parts_.size());
  if (is_new) TENURE_RETURN_IF_ERROR(AddPart(file, name));
  part_of_.push_back(at->second);
  return models_.Check(file, row, *parts_[at->second].model);
}

absl::Status SavedModels::AddPart(const SummaryFile& file, absl::string_view population) {
  const std::string where = file.reader().Where(file.frequency_column());
  if (models_.by_covariates() != nullptr && parts_.size() == kMostParts) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": more than ", kMostParts,
                     " different sets of covariates, each of which has a model of its own; "
                     "validate a file of fewer"));
  }
  absl::StatusOr<ScoringModel> by = models_.Of(population, file.covariates());
  if (!by.ok()) return Annotate(by.status(), where);
  // Those of covariates rest on the same coefficients: they err together.
  const bool is_own = models_.by_covariates() == nullptr && by->is_own;
  parts_.push_back({std::string(population), by->model, is_own});
  return absl::OkStatus();
}

}  // namespace tenure::cli
