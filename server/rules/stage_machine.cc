#include "server/rules/stage_machine.h"

namespace tenure::rules {
namespace {

using expression::Truth;

Truth Ask(const Condition& condition, const Batch& batch, uint32_t row) {
  if (condition.program == nullptr) return Truth::kTrue;
  Truth truth = Truth::kFalse;
  condition.program->Test(batch, absl::MakeConstSpan(&row, 1), absl::MakeSpan(&truth, 1));
  return truth;
}

bool MayLeave(const Stage& stage, int64_t entered_us, const Batch& batch, uint32_t row,
              int64_t now_us) {
  if (now_us - entered_us < stage.min_dwell_us) return false;
  if (stage.exit.program != nullptr) return Ask(stage.exit, batch, row) == Truth::kTrue;
  return Ask(stage.enter, batch, row) == Truth::kFalse;
}

bool CoolDownOver(const Stage& stage, size_t index, absl::Span<const int64_t> left_us,
                  int64_t now_us) {
  if (index >= left_us.size() || left_us[index] == kNeverLeft) return true;
  return now_us - left_us[index] >= stage.cool_down_us;
}

}  // namespace

int NextStage(const Track& track, const Standing& standing, const Batch& batch, uint32_t row,
              int64_t now_us) {
  const int count = static_cast<int>(track.stages.size());
  if (standing.stage >= 0 && standing.stage < count &&
      !MayLeave(track.stages[static_cast<size_t>(standing.stage)], standing.entered_us, batch, row,
                now_us)) {
    return standing.stage;
  }
  for (int i = 0; i < count; ++i) {
    const Stage& stage = track.stages[static_cast<size_t>(i)];
    if (i == standing.stage ||
        !CoolDownOver(stage, static_cast<size_t>(i), standing.left_us, now_us)) {
      continue;
    }
    if (Ask(stage.enter, batch, row) == Truth::kTrue) return i;
  }
  return standing.stage;
}

}  // namespace tenure::rules
