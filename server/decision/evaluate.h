// From features to valued candidates: pure, over a batch. The same for one decision, the plan,
// previews and tests. Reads no clock, does no I/O, draws nothing but from the row's seed.
#ifndef TENURE_SERVER_DECISION_EVALUATE_H_
#define TENURE_SERVER_DECISION_EVALUATE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/customers/customer.h"
#include "server/decision/world.h"
#include "server/journal/records.h"

namespace tenure::decision {

// One row's candidates. Those whose outcome is kFiltered, kDeferred or kError here are decided;
// the others are in `order`, to be walked.
struct RowEvaluation {
  std::vector<journal::CandidateRecord> candidates;  // by campaign, then offer; see `planning`
  std::vector<int32_t> order;                        // indices of live candidates, best first
};

struct EvaluateOptions {
  // The planner looks at a period, not at a moment, and makes the prices: scores then carry none,
  // and quiet hours do not stop anything. It records nothing: candidates then are those only whose
  // policy was asked.
  bool planning = false;
  int64_t policy_call_us = 0;  // how long one call of a policy may take; 0: any time
};

// `profiles` and `seeds` are by row. `out` is resized to the rows and reused.
void Evaluate(const World& world, const Batch& features,
              absl::Span<const customers::Profile> profiles, absl::Span<const uint64_t> seeds,
              int64_t at_us, const EvaluateOptions& options, std::vector<RowEvaluation>* out);

// The seed of a row: H(salt, request key); campaigns mix their own index in.
uint64_t RowSeed(uint64_t salt, absl::string_view request_key);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_EVALUATE_H_
