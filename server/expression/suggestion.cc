#include "server/expression/suggestion.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tenure::expression {
namespace {

constexpr size_t kLongestWord = 128;  // beyond this nobody has misspelt a name

}  // namespace

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

const std::string* Nearest(absl::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > kLongestWord) return nullptr;
  const std::string lower = absl::AsciiStrToLower(word);
  size_t best = std::max<size_t>(word.size() / 3, 1) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongestWord) continue;
    const size_t distance = EditDistance(lower, absl::AsciiStrToLower(candidate));
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest;
}

std::string Suggest(absl::string_view word, const std::vector<std::string>& candidates) {
  const std::string* nearest = Nearest(word, candidates);
  return nearest == nullptr ? "" : absl::StrCat("did you mean '", *nearest, "'?");
}

}  // namespace tenure::expression
