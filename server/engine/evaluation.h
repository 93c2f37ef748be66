// The pure half of a decision: from asked rows to valued candidates, on committed state.
#ifndef TENURE_SERVER_ENGINE_EVALUATION_H_
#define TENURE_SERVER_ENGINE_EVALUATION_H_

#include <cstdint>

#include "absl/types/span.h"
#include "server/base/limits.h"
#include "server/customers/population.h"
#include "server/decision/world.h"
#include "server/engine/command.h"

namespace tenure::engine {

// Values all rows at `asked_us`, many together. A row of an unknown customer gets NOT_FOUND, the
// others their profile and a record complete but for the walk. `seed` of a row's
// record is kept when it is not 0: a second evaluation draws the same. Thread-safe.
void EvaluateRows(const customers::Population& population, const decision::World& world,
                  int64_t asked_us, const Limits& limits, absl::Span<DecideRow* const> rows);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_EVALUATION_H_
