// A summary as `tenure summarize` writes it, or of the same columns.
#ifndef TENURE_CLIENTS_CLI_SUMMARY_FILE_H_
#define TENURE_CLIENTS_CLI_SUMMARY_FILE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/csv.h"

namespace tenure::cli {

// One row; times in the file's unit.
struct SummaryFields {
  double frequency = 0;
  double recency = 0;
  double age = 0;
  double mean_spend = 0;  // NaN where there is no monetary_value
  double weight = 1;
  double holdout = 0;
};

// Streams the rows. Not thread-safe.
class SummaryFile {
 public:
  // Finds frequency, recency and T, else `periods`; monetary_value and holdout_frequency where they
  // are, and the weights' column if it is named. With `occasions` the column `weights` is read
  // where it is there. NOT_FOUND naming a missing column.
  static absl::StatusOr<std::unique_ptr<SummaryFile>> Open(const std::string& path,
                                                           const std::string& weights,
                                                           bool occasions = false);

  // The next row, its fields as written in `text` (valid until the next call); false at the end.
  // INVALID_ARGUMENT naming line and column for what is not a number or can't be.
  absl::StatusOr<bool> Next(SummaryFields* row, std::vector<absl::string_view>* text);

  const CsvReader& reader() const { return *reader_; }
  size_t frequency_column() const { return frequency_; }
  size_t recency_column() const { return recency_; }
  size_t age_column() const { return age_; }
  bool has_spend() const { return spend_ != kNone; }
  bool has_holdout() const { return holdout_ != kNone; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);
  explicit SummaryFile(std::unique_ptr<CsvReader> reader) : reader_(std::move(reader)) {}

  const std::unique_ptr<CsvReader> reader_;
  size_t frequency_ = kNone;
  size_t recency_ = kNone;
  size_t age_ = kNone;
  size_t spend_ = kNone;
  size_t weights_ = kNone;
  size_t holdout_ = kNone;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SUMMARY_FILE_H_
