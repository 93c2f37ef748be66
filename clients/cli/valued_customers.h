// The customers of a summary, as a model of purchases and spend sees them.
#ifndef TENURE_CLIENTS_CLI_VALUED_CUSTOMERS_H_
#define TENURE_CLIENTS_CLI_VALUED_CUSTOMERS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cli/model_option.h"
#include "clients/cli/summary_file.h"
#include "server/clv/history.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

// Streams them. Not thread-safe.
class ValuedCustomers {
 public:
  // Reads the model, and the summary's header. Errors name the file.
  // `weights` names a column of case weights; empty: `weights` where there is one.
  static absl::StatusOr<ValuedCustomers> Open(const ModelOption& option,
                                              const std::string& weights = "");

  // The next customer; false at the end. INVALID_ARGUMENT naming line and column, or, at the end,
  // the file when it has no rows.
  absl::StatusOr<bool> Next();

  // Of the last customer: the history in the model's unit,
  clv::History history() const;
  // the same with what they spend, in days,
  clv::Observation observation() const;
  double weight() const { return row_.weight; }
  // and the fields as written, until the next one.
  const std::vector<absl::string_view>& fields() const { return fields_; }

  const clv::ValueModel& model() const { return *model_; }
  // How many of the model's units one of the file's is.
  double units() const { return units_; }
  const std::vector<std::string>& header() const { return file_->reader().header(); }
  bool has_weights() const { return file_->has_weights(); }

 private:
  ValuedCustomers(std::string path, std::shared_ptr<const clv::ValueModel> model, double units,
                  std::unique_ptr<SummaryFile> file)
      : path_(std::move(path)), model_(std::move(model)), units_(units), file_(std::move(file)) {}

  std::string path_;
  std::shared_ptr<const clv::ValueModel> model_;
  double units_;
  std::unique_ptr<SummaryFile> file_;
  bool is_empty_ = true;
  SummaryFields row_;
  std::vector<absl::string_view> fields_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALUED_CUSTOMERS_H_
