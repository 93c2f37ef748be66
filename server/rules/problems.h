// Collects what is wrong with a set of files, with the line each problem stands on.
#ifndef TENURE_SERVER_RULES_PROBLEMS_H_
#define TENURE_SERVER_RULES_PROBLEMS_H_

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/rules/compiler.h"

namespace tenure::rules {

// After so many the rest is counted only: nobody reads more at once.
inline constexpr size_t kMaxProblems = 200;

// Not thread-safe. The sources must outlive it.
class ProblemList {
 public:
  explicit ProblemList(const std::vector<Source>& sources);

  void Error(const Mark& mark, std::string message, std::string suggestion = "");
  void Warn(const Mark& mark, std::string message, std::string suggestion = "");
  bool has_errors() const { return errors_ > 0; }
  size_t errors() const { return errors_; }  // said so far, repetitions counted

  // Where byte `offset` of a file stands; columns count characters, not bytes.
  Mark At(const std::string& file, size_t offset) const;
  absl::string_view Text(const std::string& file) const;

  // By file, line, column; each once.
  std::vector<Problem> Take();

 private:
  struct File {
    absl::string_view text;
    std::vector<size_t> line_starts;
  };
  void Add(Severity severity, const Mark& mark, std::string message, std::string suggestion);
  std::string Line(const Mark& mark) const;

  absl::flat_hash_map<std::string, File> files_;
  std::vector<Problem> problems_;
  std::set<std::tuple<std::string, int, int, std::string>> seen_;
  size_t left_out_ = 0;
  size_t errors_ = 0;
};

// The candidate that continues the word after an underscore ("horizon" is "horizon_days"), or is
// within a third of the word's length in edits (Damerau-Levenshtein, adjacent swaps
// count once), as "did you mean \"x\"?"; empty when none is near. The first of equals.
std::string Suggest(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_PROBLEMS_H_
