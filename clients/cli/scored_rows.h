// Customers as they came in, and what a model says of each.
#ifndef TENURE_CLIENTS_CLI_SCORED_ROWS_H_
#define TENURE_CLIENTS_CLI_SCORED_ROWS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "clients/cli/json_rows.h"
#include "clients/cli/output_file.h"

namespace tenure::cli {

struct ScoredColumns {
  std::vector<std::string> given;   // the input's header
  std::vector<std::string> scores;  // numbers, after which come basis and model
  bool basis = true;                // revenue or margin; not of probabilities and times
  bool evidence = false;            // and whose data the model is made of
};

// Where a row's scores come from.
struct ScoreOrigin {
  absl::string_view basis;     // not read without that column
  absl::string_view version;   // the model's
  absl::string_view evidence;  // not read without that column
};

// CSV as it comes, or one JSON document that standard output gets at the end. Memory does not grow
// with it. Not thread-safe.
class ScoredRows {
 public:
  // To standard output where `path` is empty. INVALID_ARGUMENT naming a column that is given and
  // written too; UNAVAILABLE naming the path.
  static absl::StatusOr<std::unique_ptr<ScoredRows>> Create(const std::string& path,
                                                            ScoredColumns columns, bool json);
  // One row: its fields as written, and its scores; what is no finite number is empty in CSV, null
  // in JSON.
  void Add(absl::Span<const absl::string_view> fields, absl::Span<const double> scores,
           const ScoreOrigin& origin);
  // As OutputFile's. Last.
  absl::Status Keep();

 private:
  ScoredRows(std::unique_ptr<OutputFile> out, ScoredColumns columns)
      : out_(std::move(out)), columns_(std::move(columns)) {}
  void AddJson(absl::Span<const absl::string_view> fields, absl::Span<const double> scores,
               const ScoreOrigin& origin);

  const std::unique_ptr<OutputFile> out_;
  const ScoredColumns columns_;
  std::optional<JsonRows> json_;  // none: CSV
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SCORED_ROWS_H_
