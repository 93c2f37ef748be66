#include "server/clv/summary.h"

#include <cmath>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/row_groups.h"

namespace tenure::clv {
namespace {

absl::Status Check(const PurchaseRow& row, size_t index) {
  const char* why = nullptr;
  if (!IsFrequency(row.frequency)) {
    why = "frequency must be a whole number, 0 to 1e9";
  } else if (!std::isfinite(row.age) || row.age < 0) {
    why = "T must be 0 or more";
  } else if (!(row.recency >= 0 && row.recency <= row.age)) {
    why = "recency must be between 0 and T";
  } else if (row.frequency == 0 && row.recency > 0) {
    why = "recency must be 0 without a repeat purchase";
  } else if (!std::isfinite(row.weight) || row.weight <= 0) {
    why = "the weight must be above 0";
  }
  if (why == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("row ", index, " (frequency ", row.frequency,
                                                 ", recency ", row.recency, ", T ", row.age,
                                                 "): ", why));
}

}  // namespace

bool IsFrequency(double frequency) {
  return frequency >= 0 && frequency <= 1e9 && frequency == std::floor(frequency);
}

namespace {

// The mean age; 0 without any time.
double ScaleOf(absl::Span<const PurchaseRow> rows) {
  double weight = 0;
  double exposure = 0;
  for (const PurchaseRow& row : rows) {
    weight += row.weight;
    exposure += row.weight * row.age;
  }
  return exposure > 0 ? exposure / weight : 0;
}

absl::Status CheckAll(absl::Span<const PurchaseRow> rows) {
  return CheckRows(rows.size(), [rows](size_t i) { return rows[i]; });
}

}  // namespace

absl::Status CheckRows(size_t count, absl::FunctionRef<PurchaseRow(size_t)> row) {
  double exposure = 0;
  for (size_t i = 0; i < count; ++i) {
    const PurchaseRow here = row(i);
    TENURE_RETURN_IF_ERROR(Check(here, i));
    exposure += here.weight * here.age;
  }
  if (exposure > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "no customer has been observed for any time (T > 0); nothing can be fitted");
}

absl::StatusOr<Summary> Summary::Create(absl::Span<const PurchaseRow> rows) {
  return Take({rows.begin(), rows.end()});
}

absl::StatusOr<Summary> Summary::Take(std::vector<PurchaseRow> rows) {
  TENURE_RETURN_IF_ERROR(CheckAll(rows));
  return Grouped(std::move(rows), std::nullopt);
}

absl::StatusOr<std::vector<Summary>> Summary::CreateGroups(absl::Span<const PurchaseRow> rows,
                                                           absl::Span<const size_t> group_of,
                                                           size_t groups) {
  TENURE_RETURN_IF_ERROR(CheckAll(rows));
  const double scale = ScaleOf(rows);
  std::vector<size_t> sizes(groups);
  for (const size_t group : group_of) ++sizes[group];
  std::vector<std::vector<PurchaseRow>> parts(groups);
  for (size_t g = 0; g < groups; ++g) parts[g].reserve(sizes[g]);
  for (size_t i = 0; i < rows.size(); ++i) parts[group_of[i]].push_back(rows[i]);
  std::vector<Summary> summaries;
  summaries.reserve(groups);
  for (std::vector<PurchaseRow>& part : parts) {
    summaries.push_back(Grouped(std::move(part), scale));
  }
  return summaries;
}

Summary Summary::Grouped(std::vector<PurchaseRow> rows, std::optional<double> given) {
  Summary summary;
  summary.input_rows_ = static_cast<int64_t>(rows.size());
  rows = GroupRows(std::move(rows));
  // Summed in this order, so that the order they came in doesn't reach the last digit.
  const double scale = summary.scale_ = given.has_value() ? *given : ScaleOf(rows);
  const double log_scale = std::log(scale);
  for (PurchaseRow& row : rows) {
    row.recency /= scale;
    row.age /= scale;
    row.log_intervals -= row.frequency * log_scale;
  }
  summary.rows_ = std::move(rows);
  summary.Total();
  return summary;
}

Summary Summary::Unscaled() const {
  Summary unscaled;
  unscaled.rows_ = rows_;
  unscaled.input_rows_ = input_rows_;
  const double log_scale = std::log(scale_);
  for (PurchaseRow& row : unscaled.rows_) {
    row.recency *= scale_;
    row.age *= scale_;
    row.log_intervals += row.frequency * log_scale;
  }
  unscaled.Total();
  return unscaled;
}

Summary Summary::Thinned(size_t step) const {
  Summary thinned;
  thinned.scale_ = scale_;
  for (size_t i = step / 2; i < rows_.size(); i += step) thinned.rows_.push_back(rows_[i]);
  thinned.input_rows_ = static_cast<int64_t>(thinned.rows_.size());
  thinned.Total();
  return thinned;
}

void Summary::Total() {
  for (const PurchaseRow& row : rows_) {
    weight_ += row.weight;
    purchases_ += row.weight * row.frequency;
    repeaters_ += row.frequency > 0 ? row.weight : 0;
    exposure_ += row.weight * row.age;
    if (row.frequency > 0) log_intervals_ += row.weight * row.log_intervals;
  }
}

}  // namespace tenure::clv
