// The ordered walk: exclusivity, caps, budget and holdout are tested for each candidate against the
// present state; the first that fits wins its place. Called by the sequencer only.
#ifndef TENURE_SERVER_DECISION_WALK_H_
#define TENURE_SERVER_DECISION_WALK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/customers/customer.h"
#include "server/decision/world.h"
#include "server/journal/records.h"

namespace tenure::decision {

// The money side of the walk, over the ledger's present state.
class Purse {
 public:
  virtual ~Purse() = default;
  // Empty when `micros` fit the leaf and all above it; else the path of the first node, from the
  // leaf up, that they do not fit ("lifecycle/loyal"). A path without an open period does not fit.
  virtual std::string FirstFull(absl::string_view leaf_path, int64_t micros) const = 0;
  // The most that fits; negative where a path has no open period or is over its limit.
  virtual int64_t Room(absl::string_view leaf_path) const = 0;
  // Why pacing does not let an offer of `micros` reach this customer today, with figures; empty
  // where it does. What is owed is stopped by the day's cap only.
  virtual std::string WhyPaced(absl::string_view leaf_path, absl::string_view customer_id,
                               int64_t micros, bool owed) const = 0;
  // Takes what FirstFull has just said fits, and answers the hold's id: the next placement's
  // FirstFull sees it taken.
  virtual uint64_t Hold(absl::string_view leaf_path, int64_t micros, int64_t expires_us) = 0;
};

struct WalkInput {
  const World* world;
  const customers::Profile* present;  // the customer as of now, in the sequencer
  int64_t at_us;                      // the entry's time
  Purse* purse;
};

// Walks the candidates of `record`, as Evaluation::Record left them, and completes it: terminal
// outcomes, selections and ghosts; what is selected is held in the purse. `record.stage` is what
// stage caps count by.
void Walk(const WalkInput& input, journal::DecisionRecord* record);

// One line for a person: "win_back/deep: 4.31 net of 0.62 cost; beat loyalty/thanks (3.90)".
std::string Why(const rules::RuleSet& rules, const journal::DecisionRecord& record);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_WALK_H_
