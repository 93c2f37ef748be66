// Reads one map of the YAML by its keys; every key that nobody asked for is a problem.
#ifndef TENURE_SERVER_RULES_MAP_READER_H_
#define TENURE_SERVER_RULES_MAP_READER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/rules/node.h"
#include "server/rules/problems.h"

namespace tenure::rules {

// Each reader returns whether the key stands there with a right value, and leaves `out` as it was
// otherwise. A wrong value is a problem at its place. Call Finish() last. Not thread-safe; the node
// and the list must outlive it.
class MapReader {
 public:
  // `what` names the map in messages: "a campaign".
  MapReader(const Node& node, std::string what, ProblemList* problems);

  const Mark& mark() const { return node_.mark; }
  bool Has(absl::string_view key);
  // Null when the key is absent; an empty value is a problem and null.
  const Node* Find(absl::string_view key);
  const Node* Require(absl::string_view key);

  bool Text(absl::string_view key, std::string* out);
  // Lower-case letters, digits, underscores, a letter first, at most 64 bytes.
  bool Id(absl::string_view key, std::string* out);
  bool Flag(absl::string_view key, bool* out);
  bool Whole(absl::string_view key, int64_t min, int64_t max, int64_t* out);
  bool Number(absl::string_view key, double min, double max, double* out);
  bool Share(absl::string_view key, double* out);        // "10 %" or 0.10
  bool HashShare(absl::string_view key, uint32_t* out);  // of 10,000 buckets, exactly
  bool Money(absl::string_view key, int64_t* micros);    // not negative
  bool Span(absl::string_view key, int64_t* span_us);    // "30d"
  bool Instant(absl::string_view key, int64_t* at_us);
  bool TimeOfDay(absl::string_view key, int32_t* minute);
  bool Texts(absl::string_view key, std::vector<std::pair<std::string, Mark>>* out);

  template <typename T>
  bool Choice(absl::string_view key, const std::vector<std::pair<std::string, T>>& choices,
              T* out) {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) names.push_back(name);
    const int chosen = ChoiceIndex(key, names);
    if (chosen >= 0) *out = choices[static_cast<size_t>(chosen)].second;
    return chosen >= 0;
  }

  // The list under a key; empty when absent or wrong.
  const std::vector<NodePtr>& Items(absl::string_view key);

  // Reports the keys that nobody asked for.
  void Finish();

 private:
  const Node* Scalar(absl::string_view key);
  int ChoiceIndex(absl::string_view key, const std::vector<std::string>& names);
  bool Wrong(const Node& node, absl::string_view key, absl::string_view message);

  const Node& node_;
  const std::string what_;
  ProblemList* const problems_;
  std::vector<std::string> asked_;
};

bool IsId(absl::string_view text);
// Says that `text` can't be an id.
void ReportBadId(const Mark& mark, absl::string_view text, ProblemList* problems);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_MAP_READER_H_
