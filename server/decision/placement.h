// The walk itself, apart from where its conditions come from: the present state when the sequencer
// walks, the record when a decision is replayed.
#ifndef TENURE_SERVER_DECISION_PLACEMENT_H_
#define TENURE_SERVER_DECISION_PLACEMENT_H_

#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// What one candidate meets at its turn.
class Conditions {
 public:
  struct Refusal {
    journal::Gate gate = journal::Gate::kNone;  // kNone: nothing refuses
    std::string text;
    journal::Outcome outcome = journal::Outcome::kFiltered;  // or kPaced, by the budget's gate
  };
  virtual ~Conditions() = default;
  // Consent, re-entry, caps, budget and pacing, in this order; `taken` are the campaigns already
  // chosen.
  virtual Refusal Check(const journal::CandidateRecord& candidate, const std::string& leaf,
                        absl::Span<const rules::Campaign* const> taken) = 0;
  // The leaf that the candidate is charged to; empty when nothing is held for it.
  virtual std::string Leaf(const journal::CandidateRecord& candidate) = 0;
  // Whether the candidate on which the lot fell may be given: as Check.
  virtual bool MayGiveByLot(const journal::CandidateRecord& candidate, const std::string& leaf,
                            absl::Span<const rules::Campaign* const> taken) = 0;
  // What is held of a candidate that Check has let through: less than was asked for where the offer
  // shrinks to what is left.
  virtual int64_t Granted(const journal::CandidateRecord& candidate, const std::string& leaf) = 0;
  // Holds what Check has let through and answers the hold's id.
  virtual uint64_t Hold(const std::string& leaf, int64_t micros, int64_t expires_us) = 0;
};

// Walks what is owed, gives what the lot fell on, then walks the record's other candidates, best
// first, and gives every live one its terminal outcome.
void Place(const rules::RuleSet& rules, int64_t at_us, Conditions* conditions,
           journal::DecisionRecord* record);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_PLACEMENT_H_
