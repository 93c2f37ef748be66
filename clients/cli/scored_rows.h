// Customers as they came in, and what a model says of each.
#ifndef TENURE_CLIENTS_CLI_SCORED_ROWS_H_
#define TENURE_CLIENTS_CLI_SCORED_ROWS_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "clients/cli/output_file.h"
#include "clients/cli/scoring_models.h"

namespace tenure::cli {

struct ScoredColumns {
  std::vector<std::string> given;   // the input's header
  std::vector<std::string> scores;  // numbers, after which come basis and model
  bool evidence = false;            // and whose data the model is made of
};

// CSV as it comes, or one JSON document at the end. Not thread-safe.
class ScoredRows {
 public:
  // To standard output where `path` is empty. INVALID_ARGUMENT naming a column that is given and
  // written too; UNAVAILABLE naming the path.
  static absl::StatusOr<std::unique_ptr<ScoredRows>> Create(const std::string& path,
                                                            ScoredColumns columns, bool json);
  // One row: its fields as written, and its scores.
  void Add(absl::Span<const absl::string_view> fields, absl::Span<const double> scores,
           const ScoringModel& by);
  // As OutputFile's. Last.
  absl::Status Keep();

 private:
  ScoredRows(std::unique_ptr<OutputFile> out, ScoredColumns columns, bool json)
      : out_(std::move(out)), columns_(std::move(columns)), json_(json) {}

  const std::unique_ptr<OutputFile> out_;
  const ScoredColumns columns_;
  const bool json_;
  nlohmann::ordered_json document_ = nlohmann::ordered_json::array();
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SCORED_ROWS_H_
