// A rule set in the making, and what its sections share while they are read.
#ifndef TENURE_SERVER_RULES_DRAFT_H_
#define TENURE_SERVER_RULES_DRAFT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "server/rules/compiler.h"
#include "server/rules/map_reader.h"
#include "server/rules/node.h"
#include "server/rules/problems.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

inline constexpr size_t kMaxStages = 64;  // of a track
inline constexpr size_t kMaxSegments = 256;
inline constexpr size_t kMaxPopulations = 64;
inline constexpr size_t kMaxBudgetSegments = 254;  // a byte holds the segment; 255 is "unplanned"
inline constexpr size_t kMaxCampaigns = 1'000;
inline constexpr size_t kMaxOffers = 64;       // of a campaign
inline constexpr int64_t kMaxPlacements = 16;  // four bits of a hold's id (engine::HoldId)

struct Draft {
  // A text that a condition compares a column with.
  struct Compared {
    std::string column;
    std::string text;
    Mark mark;
  };

  RuleSet set;
  size_t first_segment_column = 0;
  std::vector<Compared> compared;
  ProblemList* problems;
  const PluginCatalog* plugins;
};

// The ids of a list of named things; a second use of one is a problem.
class IdSet {
 public:
  // `what` is one of them: "campaign".
  IdSet(std::string what, ProblemList* problems) : what_(std::move(what)), problems_(problems) {}

  void Add(const std::string& id, const Mark& mark) {
    if (id.empty()) return;  // was a problem already
    const auto [it, added] = marks_.emplace(id, mark);
    if (added) return;
    problems_->Error(mark, absl::StrCat("the id \"", id, "\" names a second ", what_),
                     absl::StrCat("the first stands at ", it->second.file, ":", it->second.line));
  }

 private:
  const std::string what_;
  ProblemList* const problems_;
  absl::flat_hash_map<std::string, Mark> marks_;
};

// Reports a name that no item of `items` has as its id; false then.
template <typename Item>
bool CheckReference(const std::string& id, const Mark& mark, const std::string& what,
                    const std::vector<Item>& items, ProblemList* problems) {
  std::vector<std::string> ids;
  for (const Item& item : items) {
    if (item.id == id) return true;
    ids.push_back(item.id);
  }
  problems->Error(mark, absl::StrCat("there is no ", what, " \"", id, "\""), Suggest(id, ids));
  return false;
}

// True where a list has at most `limit` items; a problem otherwise.
inline bool CheckCount(const std::vector<NodePtr>& items, size_t limit, const std::string& what,
                       ProblemList* problems) {
  if (items.size() <= limit) return true;
  problems->Error(items[limit]->mark, absl::StrCat("more than ", limit, " ", what));
  return false;
}

// Reports a list that stands there and has no items; one that does not stand there was a problem
// already, and is null.
inline void CheckNotEmpty(const Node* list, const std::vector<NodePtr>& items,
                          const std::string& message, ProblemList* problems) {
  if (list == nullptr || list->kind != Node::Kind::kSequence || !items.empty()) return;
  problems->Error(list->mark, message);
}

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_DRAFT_H_
