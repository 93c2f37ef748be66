// Purchase histories as the models see them: frequency, recency, T and a case weight, identical
// rows grouped.
#ifndef TENURE_SERVER_CLV_SUMMARY_H_
#define TENURE_SERVER_CLV_SUMMARY_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace tenure::clv {

// One customer, or `weight` customers alike. Times in any one unit.
struct PurchaseRow {
  double frequency;  // repeat purchases x
  double recency;    // t_x, first to last purchase
  double age;        // T, first purchase to the end of observation
  double weight = 1;
  // Σ ln of the x intervals between their purchases; NaN: not known. Only models of regular timing
  // read it.
  double log_intervals = std::numeric_limits<double>::quiet_NaN();
};

// Whether it is a number of purchases: whole, 0 to 1e9.
bool IsFrequency(double frequency);

// What Summary::Create says of `count` rows, of which row(i) is each: they need not be in memory.
absl::Status CheckRows(size_t count, absl::FunctionRef<PurchaseRow(size_t)> row);

// Rows sorted by frequency, recency, age, so that sums don't depend on the order they came in;
// times divided by `scale`, the mean age, so that fits don't depend on the time unit. Immutable.
class Summary {
 public:
  // INVALID_ARGUMENT naming the row (from 0) when frequency isn't whole or is negative, recency
  // isn't in [0, T], recency > 0 without a repeat purchase, a weight is not positive, anything
  // isn't finite, or there is no row with T > 0.
  static absl::StatusOr<Summary> Create(absl::Span<const PurchaseRow> rows);
  // The same, of very many, without a copy.
  static absl::StatusOr<Summary> Take(std::vector<PurchaseRow> rows);
  // As many summaries as there are groups, row i in the group group_of[i], with one scale for all;
  // a group may be empty or without time.
  static absl::StatusOr<std::vector<Summary>> CreateGroups(absl::Span<const PurchaseRow> rows,
                                                           absl::Span<const size_t> group_of,
                                                           size_t groups);
  // The same rows in the unit they came in.
  Summary Unscaled() const;
  // Every `step`-th distinct row: a start for the fit of very many.
  Summary Thinned(size_t step) const;

  absl::Span<const PurchaseRow> rows() const { return rows_; }
  double scale() const { return scale_; }
  int64_t input_rows() const { return input_rows_; }
  double weight() const { return weight_; }        // sum of weights
  double purchases() const { return purchases_; }  // weighted sum of frequencies
  double repeaters() const { return repeaters_; }  // weight of rows with a repeat purchase
  double exposure() const { return exposure_; }    // weighted sum of T, scaled
  // Weighted sum of log_intervals, of scaled times; NaN unless all repeaters' are known.
  double log_intervals() const { return log_intervals_; }

 private:
  // Sorts and groups the rows, which are checked, and divides their times by `scale`, or else their
  // mean age.
  static Summary Grouped(std::vector<PurchaseRow> rows, std::optional<double> scale);
  void Total();

  std::vector<PurchaseRow> rows_;
  double scale_ = 1;
  int64_t input_rows_ = 0;
  double weight_ = 0;
  double purchases_ = 0;
  double repeaters_ = 0;
  double exposure_ = 0;
  double log_intervals_ = 0;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_SUMMARY_H_
