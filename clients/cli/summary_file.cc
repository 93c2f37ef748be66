#include "clients/cli/summary_file.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/summary.h"

namespace tenure::cli {

absl::StatusOr<std::unique_ptr<SummaryFile>> SummaryFile::Open(const std::string& path,
                                                               const std::string& weights,
                                                               bool occasions) {
  TENURE_ASSIGN_OR_RETURN(std::unique_ptr<CsvReader> reader, CsvReader::Open(path));
  std::unique_ptr<SummaryFile> file(new SummaryFile(std::move(reader)));
  TENURE_ASSIGN_OR_RETURN(file->frequency_, file->reader_->Column("frequency"));
  TENURE_ASSIGN_OR_RETURN(file->recency_, file->reader_->Column("recency"));
  if (const auto periods = file->reader_->Column("periods");
      periods.ok() && !file->reader_->Column("T").ok()) {
    file->age_ = *periods;
  } else {
    TENURE_ASSIGN_OR_RETURN(file->age_, file->reader_->Column("T"));
  }
  if (const auto column = file->reader_->Column("monetary_value"); column.ok()) {
    file->spend_ = *column;
  }
  if (const auto column = file->reader_->Column("holdout_frequency"); column.ok()) {
    file->holdout_ = *column;
  }
  if (!weights.empty()) {
    TENURE_ASSIGN_OR_RETURN(file->weights_, file->reader_->Column(weights));
  } else if (const auto column = file->reader_->Column("weights"); occasions && column.ok()) {
    file->weights_ = *column;
  }
  return file;
}

absl::StatusOr<bool> SummaryFile::Next(SummaryFields* row, std::vector<absl::string_view>* text) {
  TENURE_ASSIGN_OR_RETURN(const bool found, reader_->Next(text));
  if (!found) return false;
  TENURE_ASSIGN_OR_RETURN(row->frequency, NumberField(*reader_, *text, frequency_));
  TENURE_ASSIGN_OR_RETURN(row->recency, NumberField(*reader_, *text, recency_));
  TENURE_ASSIGN_OR_RETURN(row->age, NumberField(*reader_, *text, age_));
  const auto refuse = [&](size_t column, const char* why) {
    return absl::InvalidArgumentError(
        absl::StrCat(reader_->Where(column), ": ", (*text)[column], why));
  };
  if (row->frequency < 0) return refuse(frequency_, " is below 0");
  if (!clv::IsFrequency(row->frequency)) {
    return refuse(frequency_, " is not a whole number up to 1e9; it counts repeat purchases");
  }
  if (row->age < 0) return refuse(age_, " is below 0");
  if (row->recency < 0 || row->recency > row->age) {
    return refuse(recency_, " is not between 0 and T; are both in the same unit?");
  }
  if (row->frequency == 0 && row->recency > 0) {
    return refuse(recency_, ": recency must be 0 without a repeat purchase");
  }
  row->mean_spend = std::numeric_limits<double>::quiet_NaN();
  if (spend_ != kNone && !(*text)[spend_].empty()) {
    TENURE_ASSIGN_OR_RETURN(row->mean_spend, NumberField(*reader_, *text, spend_));
    if (row->mean_spend > 0 && !clv::IsSpend(row->mean_spend)) {
      return refuse(spend_, " is more than money holds (9.2e12)");
    }
  }
  if (weights_ != kNone) {
    TENURE_ASSIGN_OR_RETURN(row->weight, NumberField(*reader_, *text, weights_));
    if (row->weight <= 0) return refuse(weights_, ": a weight must be above 0");
  }
  if (holdout_ != kNone) {
    TENURE_ASSIGN_OR_RETURN(row->holdout, NumberField(*reader_, *text, holdout_));
  }
  return true;
}

}  // namespace tenure::cli
