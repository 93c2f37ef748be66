// The one total order of a decision's candidates, as far as somebody asks for it.
#ifndef TENURE_SERVER_DECISION_RANKING_H_
#define TENURE_SERVER_DECISION_RANKING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "server/journal/candidate.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// The live candidates, best first: service before ranked, then score, priority, campaign id, offer
// id. The order of the YAML's campaigns changes nothing. A heap, since a walk that has filled its
// placements does not ask in what order the others lose.
class Ranking {
 public:
  // Reads the candidates now; their order stays as it was then. May be begun again.
  void Begin(const rules::RuleSet& rules, absl::Span<const journal::CandidateRecord> candidates);

  bool empty() const { return heap_.empty(); }
  // Whether a service message is the best that is left.
  bool IsNextOwed() const { return !heap_.empty() && heap_.front().owed; }
  // Takes out the best that is left: its index.
  size_t Next();
  // Takes out any.
  size_t Any();

 private:
  struct Place {
    double score;
    uint32_t index;
    bool owed;
  };
  // Whether `b` is to be asked before `a`.
  bool Later(const Place& a, const Place& b) const;

  const rules::RuleSet* rules_ = nullptr;
  absl::Span<const journal::CandidateRecord> candidates_;
  std::vector<Place> heap_;
};

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_RANKING_H_
