// Moves customers along their tracks by the rule set's stage conditions.
#ifndef TENURE_SERVER_CUSTOMERS_STAGES_H_
#define TENURE_SERVER_CUSTOMERS_STAGES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/customers/binding.h"
#include "server/customers/feature_row.h"
#include "server/customers/schedule.h"
#include "server/customers/state.h"

namespace tenure::customers {

// Whose stages are evaluated, and as of when.
struct Subject {
  const State* state;
  int64_t at_us;
};

// Memory of the evaluations, used again from one to the next.
struct StageScratch {
  std::optional<Batch> row;  // for one customer
  int uses = 0;              // of `row`
  FeatureScratch features;
  std::vector<int64_t> left_us;
  std::vector<expression::Truth> truths;  // by condition of the tracks, then by row
};

// Evaluates the stages of `subjects`, all different, at most one transition a track, and moves who
// is to move in `writable(i)`, the state that i may be changed in. The context's instant has no
// part in it. The tiers that it finds on the way are remembered, by ticks (who give `due`) only
// where none was. Conditions see the standing before. A stage that the rule set does not know (any
// more) counts as none. `due`, where given, receives by state when it is to be evaluated next: with
// the next tick for who has moved (schedule.h, due.h).
void EvaluateStages(absl::Span<const Subject> subjects, const FeatureContext& context,
                    const std::function<State*(size_t)>& writable, StageScratch* scratch,
                    std::vector<Schedule::Seconds>* due = nullptr);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_STAGES_H_
