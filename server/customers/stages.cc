#include "server/customers/stages.h"

#include "server/customers/due.h"
#include "server/rules/stage_machine.h"

namespace tenure::customers {
namespace {

// Dictionaries of a batch that is used again only grow: it is given up after so many customers.
constexpr int kUsesOfARow = 1'024;

// A batch of one for the binding, every wanted value missing.
Batch& CleanRow(const FeatureContext& context, StageScratch* scratch) {
  if (!scratch->row.has_value() || &scratch->row->schema() != context.binding.schema.get() ||
      scratch->uses++ >= kUsesOfARow) {
    scratch->row.emplace(context.binding.schema, 1);
    scratch->uses = 0;
    return *scratch->row;
  }
  const std::vector<uint8_t>& wanted = context.wanted.columns;
  for (size_t c = 0; c < wanted.size(); ++c) {
    if (wanted[c]) scratch->row->SetMissing(c, 0);
  }
  return *scratch->row;
}

void Move(size_t track, int32_t to, const FeatureContext& context, State* state) {
  const Binding::TrackNames& names = context.binding.tracks[track];
  // The lifecycle stands first, also while it has no stage yet.
  if (state->standings.empty()) {
    state->standings.push_back({context.binding.tracks[0].id, Names::kNone, Names::kNone, 0});
  }
  if (state->StandingOn(track, names.id) == nullptr) {
    state->standings.push_back({names.id, Names::kNone, Names::kNone, 0});
  }
  auto* standing = const_cast<PackedStanding*>(state->StandingOn(track, names.id));
  if (standing->stage != Names::kNone) {
    LeftStage* before = nullptr;
    for (LeftStage& left : state->left) {
      if (left.track == standing->track && left.stage == standing->stage) before = &left;
    }
    if (before != nullptr) {
      before->at_us = context.at_us;
    } else {
      state->left.push_back({standing->track, standing->stage, context.at_us});
    }
  }
  standing->previous = standing->stage;
  standing->stage = to;
  standing->entered_us = context.at_us;
}

// The stage that a customer is in next; the present one where nothing moves them.
int32_t Next(const State& state, size_t track, int32_t present, const FeatureContext& context,
             const Batch& batch, uint32_t row, std::vector<int64_t>* left_us) {
  const Binding::TrackNames& names = context.binding.tracks[track];
  const PackedStanding* standing = state.StandingOn(track, names.id);
  rules::Standing before;
  before.stage = present;
  if (standing != nullptr) {
    before.entered_us = standing->entered_us;
    left_us->assign(names.stages.size(), rules::kNeverLeft);
    for (const LeftStage& left : state.left) {
      const int32_t stage = context.binding.StageOf(track, left.stage);
      if (left.track == standing->track && stage >= 0) {
        (*left_us)[static_cast<size_t>(stage)] = left.at_us;
      }
    }
    before.left_us = *left_us;
  }
  return rules::NextStage(context.binding.rules->tracks[track], before, batch, row, context.at_us);
}

Schedule::Seconds DueSecond(const State& state, const FeatureContext& context, const Batch& batch,
                            size_t row) {
  const int64_t due_us = DueOf(state, context, batch, row);
  if (due_us == kNeverDue) return Schedule::kNever;
  return due_us <= context.at_us ? Schedule::kNextTick : Schedule::SecondsOf(due_us);
}

}  // namespace

void EvaluateStages(absl::Span<const State* const> states, const FeatureContext& context,
                    const std::function<State*(size_t)>& writable, StageScratch* scratch,
                    std::vector<Schedule::Seconds>* due) {
  std::optional<Batch> many;
  if (states.size() != 1) many.emplace(context.binding.schema, states.size());
  Batch& batch = many.has_value() ? *many : CleanRow(context, scratch);
  scratch->features.observations.resize(states.size());
  for (size_t r = 0; r < states.size(); ++r) {
    FillFacts(*states[r], context, &batch, r, &scratch->features.observations[r]);
  }
  FillDerived(context, &scratch->features, &batch);
  if (due != nullptr) due->assign(states.size(), Schedule::kNextTick);
  for (size_t r = 0; r < states.size(); ++r) {
    const State* state = states[r];
    bool moved = false;
    for (size_t t = 0; t < context.binding.tracks.size(); ++t) {
      const PackedStanding* standing = state->StandingOn(t, context.binding.tracks[t].id);
      const int32_t present =
          standing == nullptr ? rules::kNoStage : context.binding.StageOf(t, standing->stage);
      const int32_t next =
          Next(*state, t, present, context, batch, static_cast<uint32_t>(r), &scratch->left_us);
      if (next == present) continue;
      State* written = writable(r);
      Move(t, context.binding.tracks[t].stages[static_cast<size_t>(next)], context, written);
      moved = true;
      state = written;  // later tracks read their own standings, which have not moved
    }
    if (due != nullptr && !moved) (*due)[r] = DueSecond(*state, context, batch, r);
  }
}

}  // namespace tenure::customers
