// When a customer's stages may change although nothing happens.
#ifndef TENURE_SERVER_CUSTOMERS_DUE_H_
#define TENURE_SERVER_CUSTOMERS_DUE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "server/batch/batch.h"
#include "server/batch/schema.h"
#include "server/customers/feature_row.h"
#include "server/customers/state.h"
#include "server/expression/crossings.h"

namespace tenure::customers {

inline constexpr int64_t kNeverDue = std::numeric_limits<int64_t>::max();

// By column of a rule set's schema. What the model gives moves in its own way, but for p_alive,
// whose bounds DueOf solves, and for the limit of a rhythm and the next margin, which stand still;
// windows and scores stand still between the steps that DueOf finds; segments between those of
// their conditions.
std::vector<expression::Motion> MotionsOf(const Schema& schema);

// The first instant from the context's on at which an evaluation of this customer's stages might
// move them, as long as no event, contact or other rule changes their state: a comparison that
// turns, a window that an item leaves, a dwell or cool-down that ends. The row holds the features
// of `context.at_us`, which has moved nobody. May be early, never late; the context's own instant
// where the conditions read what can't be solved.
int64_t DueOf(const State& state, const FeatureContext& context, const Batch& batch, size_t row);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_DUE_H_
