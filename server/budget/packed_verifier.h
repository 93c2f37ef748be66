// Checks a packed plan without any of the code that made it.
#ifndef TENURE_SERVER_BUDGET_PACKED_VERIFIER_H_
#define TENURE_SERVER_BUDGET_PACKED_VERIFIER_H_

#include "absl/status/status.h"
#include "server/budget/packed_planner.h"

namespace tenure::budget {

// Sums every choice again, in integers of 128 bits: each is an offer of that customer, no cap is
// exceeded with floors reserved, and spend, achieved value and bound are as the result says.
// INTERNAL naming what is not.
absl::Status VerifyPacked(const PackedInput& input, const PackedResult& result, int threads);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_VERIFIER_H_
