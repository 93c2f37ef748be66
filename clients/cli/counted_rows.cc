#include "clients/cli/counted_rows.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/clv/beta_bernoulli.h"
#include "server/clv/renewals.h"

namespace tenure::cli {
namespace {

constexpr double kRounding = 1e-6;  // of times in another unit

absl::Status Refuse(const SummaryFile& file, size_t column, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(file.reader().Where(column), ": ", why));
}

absl::Status CheckOccasions(const SummaryFile& file, const SummaryFields& row) {
  if (row.recency != std::floor(row.recency)) {
    return Refuse(file, file.recency_column(), "it must be whole: it counts occasions");
  }
  if (row.age != std::floor(row.age)) {
    return Refuse(file, file.age_column(), "it must be whole: it counts occasions");
  }
  if (row.age > clv::kMostOccasions) {
    return Refuse(file, file.age_column(), "more than 100,000 occasions");
  }
  if (row.frequency > row.recency) {
    return Refuse(file, file.frequency_column(),
                  "more purchases than occasions up to the last: an occasion has one at most");
  }
  return absl::OkStatus();
}

absl::Status CheckRenewals(const SummaryFile& file, const SummaryFields& row) {
  if (row.recency != std::floor(row.recency)) {
    return Refuse(file, file.recency_column(),
                  "it must be whole: it is the period of a contract's last renewal");
  }
  if (row.recency > clv::kMostOccasions) {
    return Refuse(file, file.recency_column(), "more than 100,000 renewals");
  }
  if (row.frequency != row.recency) {
    return Refuse(file, file.frequency_column(),
                  "it must equal recency: a contract that missed a renewal has ended");
  }
  return absl::OkStatus();
}

}  // namespace

bool CountsOccasions(absl::string_view model) {
  return model == "bg_bb" || model == "beta_binomial";
}

absl::Status CheckCounts(const SummaryFile& file, const SummaryFields& row,
                         absl::string_view model) {
  if (CountsOccasions(model)) return CheckOccasions(file, row);
  return clv::IsContract(model) ? CheckRenewals(file, row) : absl::OkStatus();
}

absl::Status CheckCountsIn(const SummaryFile& file, SummaryFields row, absl::string_view model,
                           double units) {
  if (units == 1 || !CountsOccasions(model)) {
    return units == 1 ? CheckCounts(file, row, model) : absl::OkStatus();
  }
  for (double* time : {&row.recency, &row.age}) {
    const double whole = std::round(*time * units);
    *time = std::abs(*time * units - whole) < kRounding ? whole : *time * units;
  }
  return CheckCounts(file, row, model);
}

}  // namespace tenure::cli
