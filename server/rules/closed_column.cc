#include "server/rules/closed_column.h"

#include <algorithm>

#include "absl/strings/str_join.h"

namespace tenure::rules {

std::optional<std::vector<std::string>> TextsOf(const RuleSet& set, absl::string_view column) {
  if (column == "tier") return std::vector<std::string>{"high", "medium", "low"};
  if (column == "population") {
    std::vector<std::string> names;
    for (const ValuePopulation& population : set.value.populations) {
      names.push_back(population.name);
    }
    if (!names.empty()) names.push_back(kRestPopulation);
    return names;
  }
  for (size_t t = 0; t < set.tracks.size(); ++t) {
    const Track& track = set.tracks[t];
    const bool lifecycle = t == 0 && (column == "stage" || column == "previous_stage");
    if (!lifecycle && column != absl::StrCat("track.", track.id)) continue;
    std::vector<std::string> ids;
    for (const Stage& stage : track.stages) ids.push_back(stage.id);
    return ids;
  }
  return std::nullopt;
}

void CheckComparedTexts(Draft* draft) {
  for (const Draft::Compared& compared : draft->compared) {
    const std::optional<std::vector<std::string>> texts = TextsOf(draft->set, compared.column);
    if (!texts.has_value()) continue;
    if (std::find(texts->begin(), texts->end(), compared.text) != texts->end()) continue;
    const std::string near = Suggest(compared.text, *texts);
    draft->problems->Error(
        compared.mark, absl::StrCat("\"", compared.column, "\" is never \"", compared.text, "\""),
        texts->empty() ? "the rules list none"
        : near.empty() ? absl::StrCat("it is one of ", absl::StrJoin(*texts, ", "))
                       : near);
  }
}

}  // namespace tenure::rules
