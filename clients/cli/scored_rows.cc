#include "clients/cli/scored_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"

namespace tenure::cli {

absl::StatusOr<std::unique_ptr<ScoredRows>> ScoredRows::Create(const std::string& path,
                                                               ScoredColumns columns, bool json) {
  std::vector<std::string> added = columns.scores;
  added.insert(added.end(), {"basis", "model"});
  if (columns.evidence) added.push_back("evidence");
  TENURE_RETURN_IF_ERROR(CheckAdded(columns.given, added));
  TENURE_ASSIGN_OR_RETURN(std::unique_ptr<OutputFile> out, OutputFile::Create(path));
  std::unique_ptr<ScoredRows> rows(new ScoredRows(std::move(out), std::move(columns), json));
  if (json) return rows;
  std::string* text = rows->out_->text();
  for (const std::string& column : rows->columns_.given) {
    absl::StrAppend(text, CsvField(column), ",");
  }
  absl::StrAppend(text, absl::StrJoin(rows->columns_.scores, ","), ",basis,model",
                  rows->columns_.evidence ? ",evidence\n" : "\n");
  return rows;
}

void ScoredRows::Add(absl::Span<const absl::string_view> fields, absl::Span<const double> scores,
                     const ScoringModel& by) {
  if (json_) {
    nlohmann::ordered_json object;
    for (size_t i = 0; i < fields.size(); ++i) object[columns_.given[i]] = std::string(fields[i]);
    for (size_t i = 0; i < scores.size(); ++i) object[columns_.scores[i]] = scores[i];
    object["basis"] = by.model->basis();
    object["model"] = by.version;
    if (columns_.evidence) object["evidence"] = by.from;
    document_.push_back(std::move(object));
    return;
  }
  std::string* text = out_->text();
  for (absl::string_view field : fields) absl::StrAppend(text, CsvField(field), ",");
  for (size_t i = 0; i < scores.size(); ++i) {
    absl::StrAppend(text, i == 0 ? "" : ",", FormatNumber(scores[i]));
  }
  absl::StrAppend(text, ",", by.model->basis(), ",", by.version);
  if (columns_.evidence) absl::StrAppend(text, ",", CsvField(by.from));
  *text += '\n';
  out_->Flow();
}

absl::Status ScoredRows::Keep() {
  if (json_) absl::StrAppend(out_->text(), document_.dump(2), "\n");
  return out_->Keep();
}

}  // namespace tenure::cli
