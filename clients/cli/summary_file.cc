#include "clients/cli/summary_file.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/summary.h"

namespace tenure::cli {

absl::StatusOr<std::unique_ptr<SummaryFile>> SummaryFile::Open(const std::string& path,
                                                               const SummaryColumns& columns,
                                                               CsvReader::Passes passes) {
  TENURE_ASSIGN_OR_RETURN(std::unique_ptr<CsvReader> reader, CsvReader::Open(path, ',', passes));
  std::unique_ptr<SummaryFile> file(new SummaryFile(std::move(reader)));
  TENURE_ASSIGN_OR_RETURN(file->frequency_, file->reader_->Column("frequency"));
  TENURE_ASSIGN_OR_RETURN(file->recency_, file->reader_->Column("recency"));
  const auto periods = file->reader_->Column("periods");
  if (auto age = file->reader_->Column("T"); age.ok() || !periods.ok()) {
    TENURE_ASSIGN_OR_RETURN(file->age_, std::move(age));
  } else {
    file->age_ = *periods;
  }
  for (const auto& [name, column] : {std::pair{"monetary_value", &file->spend_},
                                     {"holdout_frequency", &file->holdout_},
                                     {"log_intervals", &file->log_intervals_},
                                     {"kept", &file->kept_}}) {
    if (const auto found = file->reader_->Column(name); found.ok()) *column = *found;
  }
  if (!columns.weights.empty()) {
    TENURE_ASSIGN_OR_RETURN(file->weights_, file->reader_->Column(columns.weights));
  } else if (const auto found = file->reader_->Column("weights"); found.ok()) {
    file->weights_ = *found;
  }
  for (const std::string& name : columns.covariates) {
    TENURE_ASSIGN_OR_RETURN(const size_t column, file->reader_->Column(name));
    file->covariate_columns_.push_back(column);
  }
  file->covariates_.resize(columns.covariates.size());
  return file;
}

absl::StatusOr<bool> SummaryFile::Next(SummaryFields* row, std::vector<absl::string_view>* text) {
  TENURE_ASSIGN_OR_RETURN(const bool found, reader_->Next(text));
  if (!found) return false;
  TENURE_RETURN_IF_ERROR(ReadTimes(*text, row));
  TENURE_RETURN_IF_ERROR(ReadIntervals(*text, row));
  row->mean_spend = std::numeric_limits<double>::quiet_NaN();
  if (spend_ != kNone && !(*text)[spend_].empty()) {
    TENURE_ASSIGN_OR_RETURN(row->mean_spend, NumberField(*reader_, *text, spend_));
    if (row->mean_spend < 0) {
      return Refuse(*text, spend_,
                    " is below 0; it is the mean revenue of purchases, which refunds are not");
    }
    if (row->mean_spend > 0 && !clv::IsSpend(row->mean_spend)) {
      return Refuse(*text, spend_, " is more than money holds (9.2e12)");
    }
  }
  if (weights_ != kNone) {
    TENURE_ASSIGN_OR_RETURN(row->weight, NumberField(*reader_, *text, weights_));
    if (row->weight <= 0) return Refuse(*text, weights_, ": a weight must be above 0");
  }
  if (holdout_ != kNone) {
    TENURE_ASSIGN_OR_RETURN(row->holdout, NumberField(*reader_, *text, holdout_));
    if (!clv::IsFrequency(row->holdout)) {
      return Refuse(*text, holdout_, " is not a whole number from 0 to 1e9; it counts purchases");
    }
  }
  if (kept_ != kNone) {
    TENURE_ASSIGN_OR_RETURN(row->kept, NumberField(*reader_, *text, kept_));
    if (row->kept < 0 || row->kept > 1) return Refuse(*text, kept_, " is no share from 0 to 1");
  }
  for (size_t i = 0; i < covariate_columns_.size(); ++i) {
    TENURE_ASSIGN_OR_RETURN(covariates_[i], NumberField(*reader_, *text, covariate_columns_[i]));
  }
  return true;
}

absl::Status SummaryFile::ReadTimes(const std::vector<absl::string_view>& text,
                                    SummaryFields* row) const {
  TENURE_ASSIGN_OR_RETURN(row->frequency, NumberField(*reader_, text, frequency_));
  TENURE_ASSIGN_OR_RETURN(row->recency, NumberField(*reader_, text, recency_));
  TENURE_ASSIGN_OR_RETURN(row->age, NumberField(*reader_, text, age_));
  if (row->frequency < 0) {
    return Refuse(text, frequency_, " is below 0; it counts repeat purchases");
  }
  if (!clv::IsFrequency(row->frequency)) {
    return Refuse(text, frequency_, " is not a whole number up to 1e9; it counts repeat purchases");
  }
  if (row->age < 0) {
    return Refuse(text, age_, " is below 0; T is the time from the first purchase to the end");
  }
  if (row->recency < 0 || row->recency > row->age) {
    return Refuse(text, recency_, " is not between 0 and T; are both in the same unit?");
  }
  if (row->frequency == 0 && row->recency > 0) {
    return Refuse(text, recency_,
                  ": recency must be 0 without a repeat purchase; it is the time from the first "
                  "purchase to the last, not to now");
  }
  if (row->frequency > 0 && row->recency == 0) {
    return Refuse(text, recency_,
                  ": with a repeat purchase recency must be above 0; purchases of the first day "
                  "are the first purchase");
  }
  return absl::OkStatus();
}

absl::Status SummaryFile::ReadIntervals(const std::vector<absl::string_view>& text,
                                        SummaryFields* row) const {
  row->log_intervals = std::numeric_limits<double>::quiet_NaN();
  if (log_intervals_ == kNone || text[log_intervals_].empty()) return absl::OkStatus();
  TENURE_ASSIGN_OR_RETURN(row->log_intervals, NumberField(*reader_, text, log_intervals_));
  if (row->frequency == 0 && row->log_intervals != 0) {
    return Refuse(text, log_intervals_,
                  ": without a repeat purchase there is no interval; write 0");
  }
  if (row->frequency == 0) return absl::OkStatus();
  // Intervals that add up to the recency have the largest sum of logs when they are equal.
  const double most = row->frequency * std::log(row->recency / row->frequency);
  if (row->log_intervals > most + 1e-9 * (row->frequency + std::abs(most))) {
    return Refuse(text, log_intervals_,
                  " is more than intervals within the recency can have; are both in the same unit, "
                  "and the logarithms natural?");
  }
  return absl::OkStatus();
}

absl::Status SummaryFile::RefuseWeights(absl::string_view what) const {
  if (!has_weights()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(reader_->Where(weights_, 1), ": ", what,
                   " counts each row once, so weights have no place in it; repeat the rows, or "
                   "give the column another name if it is none of weights"));
}

absl::Status SummaryFile::Refuse(const std::vector<absl::string_view>& text, size_t column,
                                 absl::string_view why) const {
  return absl::InvalidArgumentError(absl::StrCat(reader_->Where(column), ": ", text[column], why));
}

absl::StatusOr<size_t> SummaryFile::CopiesOf(const SummaryFields& row, size_t rows) const {
  constexpr size_t kMost = 10'000'000;
  if (weights_ == kNone) return 1;
  if (row.weight == std::floor(row.weight) && rows <= kMost &&
      row.weight <= static_cast<double>(kMost - rows)) {
    return static_cast<size_t>(row.weight);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(reader_->Where(weights_), ": ", row.weight,
                   ": --by takes whole weights, 10,000,000 customers in all; a fit without it "
                   "takes any"));
}

}  // namespace tenure::cli
