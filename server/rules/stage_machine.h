// Which stage a customer is in next: a pure function, the same for events, ticks, rule tests and
// previews.
#ifndef TENURE_SERVER_RULES_STAGE_MACHINE_H_
#define TENURE_SERVER_RULES_STAGE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

inline constexpr int kNoStage = -1;
inline constexpr int64_t kNeverLeft = std::numeric_limits<int64_t>::min();

// Where a customer stands on one track.
struct Standing {
  int stage = kNoStage;               // index into the track's stages
  int64_t entered_us = 0;             // when that stage was entered
  absl::Span<const int64_t> left_us;  // by stage: when last left, or kNeverLeft; empty: never any
};

// The stage at `now_us`, by the rules that stand above Stage in rule_set.h; the current one when
// nothing moves the customer. Two points that those rules leave open: who may leave but fits no
// other stage stays, and a condition whose value is missing moves nobody, in or out. `row` is a row
// of features as of `now_us`, in any batch that has the columns of the rule set's schema.
// Thread-safe.
int NextStage(const Track& track, const Standing& standing, const Batch& batch, uint32_t row,
              int64_t now_us);

// What the conditions of a track say of one customer: of stage i enter[i * stride], and exit[…],
// read only where the stage has such a condition.
struct StageTruths {
  const expression::Truth* enter;
  const expression::Truth* exit;
  size_t stride = 1;
};

// The same from truths found before, for many customers at once.
int NextStage(const Track& track, const Standing& standing, const StageTruths& truths,
              int64_t now_us);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_STAGE_MACHINE_H_
