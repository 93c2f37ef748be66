// A summary as `tenure summarize` writes it, or of the same columns.
#ifndef TENURE_CLIENTS_CLI_SUMMARY_FILE_H_
#define TENURE_CLIENTS_CLI_SUMMARY_FILE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "clients/cli/csv.h"

namespace tenure::cli {

// One row; times in the file's unit.
struct SummaryFields {
  double frequency = 0;
  double recency = 0;
  double age = 0;
  double mean_spend = 0;  // NaN where there is no monetary_value
  double weight = 1;
  double kept = 1;  // share of what they bought that no refund took back
  double holdout = 0;
  double log_intervals = 0;  // sum of ln(time between purchases); NaN where there is no column
};

// Columns that a summary has by other names, and by which they are asked for.
struct SummaryColumns {
  std::string weights;                  // case weights; empty: a column `weights`, else 1 each
  std::vector<std::string> covariates;  // numbers
};

// Streams the rows. Not thread-safe.
class SummaryFile {
 public:
  // Finds frequency, recency and T, else `periods`; monetary_value, holdout_frequency,
  // log_intervals and kept where they are, and the columns that are named. NOT_FOUND naming a
  // missing column.
  static absl::StatusOr<std::unique_ptr<SummaryFile>> Open(
      const std::string& path, const SummaryColumns& columns,
      CsvReader::Passes passes = CsvReader::Passes::kOne);
  static absl::StatusOr<std::unique_ptr<SummaryFile>> Open(const std::string& path,
                                                           const std::string& weights) {
    return Open(path, SummaryColumns{weights, {}});
  }

  // The next row, its fields as written in `text` (valid until the next call); false at the end.
  // INVALID_ARGUMENT naming line, column and remedy for what is not a finite number or can't be: a
  // frequency that is not whole or below 0, T below recency, recency without a repeat purchase, a
  // weight that is not above 0, intervals that are longer than the recency they add up to.
  absl::StatusOr<bool> Next(SummaryFields* row, std::vector<absl::string_view>* text);

  // Back to the first row, of a file that was opened for many passes. UNAVAILABLE naming it.
  absl::Status Rewind() { return reader_->Rewind(); }

  // The covariates of the last row, in the order they were asked for; valid until the next call.
  absl::Span<const double> covariates() const { return covariates_; }

  const CsvReader& reader() const { return *reader_; }
  size_t frequency_column() const { return frequency_; }
  size_t recency_column() const { return recency_; }
  size_t age_column() const { return age_; }
  // INVALID_ARGUMENT naming line and column unless the last row's weight is a whole number of
  // customers, and with `rows` before it no more than 10,000,000: for fits that take rows.
  absl::StatusOr<size_t> CopiesOf(const SummaryFields& row, size_t rows) const;
  bool has_spend() const { return spend_ != kNone; }
  bool has_weights() const { return weights_ != kNone; }
  // INVALID_ARGUMENT where there are weights, naming the column: `what` counts each row once.
  absl::Status RefuseWeights(absl::string_view what) const;
  bool has_holdout() const { return holdout_ != kNone; }
  bool has_log_intervals() const { return log_intervals_ != kNone; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);
  explicit SummaryFile(std::unique_ptr<CsvReader> reader) : reader_(std::move(reader)) {}
  absl::Status ReadTimes(const std::vector<absl::string_view>& text, SummaryFields* row) const;
  absl::Status ReadIntervals(const std::vector<absl::string_view>& text, SummaryFields* row) const;
  absl::Status Refuse(const std::vector<absl::string_view>& text, size_t column,
                      absl::string_view why) const;

  const std::unique_ptr<CsvReader> reader_;
  size_t frequency_ = kNone;
  size_t recency_ = kNone;
  size_t age_ = kNone;
  size_t spend_ = kNone;
  size_t weights_ = kNone;
  size_t holdout_ = kNone;
  size_t log_intervals_ = kNone;
  size_t kept_ = kNone;
  std::vector<size_t> covariate_columns_;
  std::vector<double> covariates_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SUMMARY_FILE_H_
