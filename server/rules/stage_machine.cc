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

bool CoolDownOver(const Stage& stage, size_t index, absl::Span<const int64_t> left_us,
                  int64_t now_us) {
  if (index >= left_us.size() || left_us[index] == kNeverLeft) return true;
  return now_us - left_us[index] >= stage.cool_down_us;
}

// `enter` and `exit` give the truth of that condition of a stage.
template <typename Enter, typename Exit>
int Walk(const Track& track, const Standing& standing, int64_t now_us, const Enter& enter,
         const Exit& exit) {
  const int count = static_cast<int>(track.stages.size());
  if (standing.stage >= 0 && standing.stage < count) {
    const auto present = static_cast<size_t>(standing.stage);
    const Stage& stage = track.stages[present];
    if (now_us - standing.entered_us < stage.min_dwell_us) return standing.stage;
    const bool leaves = stage.exit.program != nullptr ? exit(present) == Truth::kTrue
                                                      : enter(present) == Truth::kFalse;
    if (!leaves) return standing.stage;
  }
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<size_t>(i);
    if (i == standing.stage ||
        !CoolDownOver(track.stages[index], index, standing.left_us, now_us)) {
      continue;
    }
    if (enter(index) == Truth::kTrue) return i;
  }
  return standing.stage;
}

}  // namespace

int NextStage(const Track& track, const Standing& standing, const Batch& batch, uint32_t row,
              int64_t now_us) {
  return Walk(
      track, standing, now_us,
      [&](size_t stage) { return Ask(track.stages[stage].enter, batch, row); },
      [&](size_t stage) { return Ask(track.stages[stage].exit, batch, row); });
}

int NextStage(const Track& track, const Standing& standing, const StageTruths& truths,
              int64_t now_us) {
  return Walk(
      track, standing, now_us,
      [&](size_t stage) {
        return track.stages[stage].enter.program == nullptr ? Truth::kTrue
                                                            : truths.enter[stage * truths.stride];
      },
      [&](size_t stage) { return truths.exit[stage * truths.stride]; });
}

}  // namespace tenure::rules
