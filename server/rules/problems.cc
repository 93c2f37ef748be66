#include "server/rules/problems.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/expression/suggestion.h"

namespace tenure::rules {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u; }

// A longer line is not shown: nobody finds the caret in it.
constexpr size_t kLongestShown = 200;

}  // namespace

ProblemList::ProblemList(const std::vector<Source>& sources) {
  for (const Source& source : sources) {
    File file{source.text, {0}};
    for (size_t i = 0; i < source.text.size(); ++i) {
      if (source.text[i] == '\n') file.line_starts.push_back(i + 1);
    }
    files_.emplace(source.file, std::move(file));
  }
}

void ProblemList::Error(const Mark& mark, std::string message, std::string suggestion) {
  ++errors_;
  Add(Severity::kError, mark, std::move(message), std::move(suggestion));
}

void ProblemList::Warn(const Mark& mark, std::string message, std::string suggestion) {
  Add(Severity::kWarning, mark, std::move(message), std::move(suggestion));
}

void ProblemList::Add(Severity severity, const Mark& mark, std::string message,
                      std::string suggestion) {
  if (!seen_.emplace(mark.file, mark.line, mark.column, message).second) return;
  if (problems_.size() >= kMaxProblems) {
    ++left_out_;
    return;
  }
  problems_.push_back({severity, mark, std::move(message), std::move(suggestion), Line(mark)});
}

absl::string_view ProblemList::Text(const std::string& file) const {
  const auto it = files_.find(file);
  return it == files_.end() ? absl::string_view() : it->second.text;
}

Mark ProblemList::At(const std::string& file, size_t offset) const {
  const auto it = files_.find(file);
  if (it == files_.end()) return {file, 0, 0};
  const File& found = it->second;
  offset = std::min(offset, found.text.size());
  const auto next = std::upper_bound(found.line_starts.begin(), found.line_starts.end(), offset);
  const size_t line = static_cast<size_t>(next - found.line_starts.begin());
  const absl::string_view before =
      found.text.substr(found.line_starts[line - 1], offset - found.line_starts[line - 1]);
  const auto characters =
      std::count_if(before.begin(), before.end(), [](char c) { return !IsContinuation(c); });
  return {file, static_cast<int>(line), static_cast<int>(characters) + 1};
}

std::string ProblemList::Line(const Mark& mark) const {
  const auto it = files_.find(mark.file);
  if (it == files_.end() || mark.line < 1) return "";
  const File& file = it->second;
  const size_t index = static_cast<size_t>(mark.line) - 1;
  if (index >= file.line_starts.size()) return "";
  const size_t start = file.line_starts[index];
  absl::string_view line = file.text.substr(start, file.text.find('\n', start) - start);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return std::string(line);
}

std::vector<Problem> ProblemList::Take() {
  const auto key = [](const Problem& p) {
    return std::tie(p.mark.file, p.mark.line, p.mark.column, p.severity, p.message);
  };
  std::sort(problems_.begin(), problems_.end(),
            [&](const Problem& a, const Problem& b) { return key(a) < key(b); });
  if (left_out_ > 0) {
    Problem rest;
    rest.severity = has_errors() ? Severity::kError : Severity::kWarning;
    rest.message = absl::StrCat(left_out_, " further problems are not shown; solve these first");
    problems_.push_back(std::move(rest));
  }
  return std::move(problems_);
}

std::string Suggest(absl::string_view word, const std::vector<std::string>& candidates) {
  const auto meant = [](absl::string_view candidate) {
    return absl::StrCat("did you mean \"", candidate, "\"?");
  };
  for (const std::string& candidate : candidates) {
    if (!word.empty() && absl::StartsWith(candidate, absl::StrCat(word, "_"))) {
      return meant(candidate);
    }
  }
  const std::string* nearest = expression::Nearest(word, candidates);
  return nearest == nullptr ? "" : meant(*nearest);
}

std::string Render(const Problem& problem) {
  std::string out;
  if (!problem.mark.file.empty()) absl::StrAppend(&out, problem.mark.file, ":");
  if (problem.mark.line > 0) {
    absl::StrAppend(&out, problem.mark.line, ":", problem.mark.column, ":");
  }
  if (!out.empty()) out += " ";
  absl::StrAppend(
      &out, problem.severity == Severity::kError ? "error: " : "warning: ", problem.message, "\n");
  if (problem.mark.line > 0 && !problem.source_line.empty() &&
      problem.source_line.size() <= kLongestShown) {
    absl::StrAppend(&out, "  ", problem.source_line, "\n  ");
    int column = 1;
    for (const char c : problem.source_line) {
      if (IsContinuation(c)) continue;
      if (column++ >= problem.mark.column) break;
      out += c == '\t' ? '\t' : ' ';
    }
    out += "^\n";
  }
  if (!problem.suggestion.empty()) absl::StrAppend(&out, "  ", problem.suggestion, "\n");
  return out;
}

}  // namespace tenure::rules
