#include "clients/cli/scored_rows.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"

namespace tenure::cli {

absl::StatusOr<std::unique_ptr<ScoredRows>> ScoredRows::Create(const std::string& path,
                                                               ScoredColumns columns, bool json) {
  std::vector<std::string> added = columns.scores;
  if (columns.basis) added.push_back("basis");
  added.push_back("model");
  if (columns.evidence) added.push_back("evidence");
  TENURE_RETURN_IF_ERROR(CheckAdded(columns.given, added));
  TENURE_ASSIGN_OR_RETURN(
      std::unique_ptr<OutputFile> out,
      OutputFile::Create(path, json ? OutputFile::Shown::kAtOnce : OutputFile::Shown::kAsItComes));
  std::vector<std::string> all = columns.given;
  all.insert(all.end(), added.begin(), added.end());
  std::unique_ptr<ScoredRows> rows(new ScoredRows(std::move(out), std::move(columns)));
  if (json) {
    rows->json_.emplace(all, 0);
    return rows;
  }
  std::string* text = rows->out_->text();
  const char* between = "";
  for (const std::string& column : all) {
    absl::StrAppend(text, between, CsvField(column));
    between = ",";
  }
  *text += '\n';
  return rows;
}

void ScoredRows::AddJson(absl::Span<const absl::string_view> fields,
                         absl::Span<const double> scores, const ScoreOrigin& origin) {
  std::string* text = out_->text();
  for (absl::string_view field : fields) json_->Add(field, text);
  for (double score : scores) json_->Add(score, text);
  if (columns_.basis) json_->Add(origin.basis, text);
  json_->Add(origin.version, text);
  if (columns_.evidence) json_->Add(origin.evidence, text);
}

void ScoredRows::Add(absl::Span<const absl::string_view> fields, absl::Span<const double> scores,
                     const ScoreOrigin& origin) {
  if (json_.has_value()) {
    AddJson(fields, scores, origin);
    out_->Flow();
    return;
  }
  std::string* text = out_->text();
  for (absl::string_view field : fields) absl::StrAppend(text, CsvField(field), ",");
  for (double score : scores) {
    absl::StrAppend(text, std::isfinite(score) ? FormatNumber(score) : "", ",");
  }
  if (columns_.basis) absl::StrAppend(text, origin.basis, ",");
  absl::StrAppend(text, origin.version);
  if (columns_.evidence) absl::StrAppend(text, ",", CsvField(origin.evidence));
  *text += '\n';
  out_->Flow();
}

absl::Status ScoredRows::Keep() {
  if (json_.has_value()) {
    json_->End(out_->text());
    *out_->text() += '\n';
  }
  return out_->Keep();
}

}  // namespace tenure::cli
