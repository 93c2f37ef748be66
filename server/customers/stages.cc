#include "server/customers/stages.h"

#include <numeric>

#include "server/customers/due.h"
#include "server/rules/stage_machine.h"

namespace tenure::customers {
namespace {

// Dictionaries of a batch that is used again only grow: it is given up after so many customers.
constexpr int kUsesOfARow = 1'024;
// From so many customers on each condition is asked of all of them at once, whether or not its
// answer will matter to each.
constexpr size_t kTogether = 8;

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
  const PackedStanding* found = state->StandingOn(track, names.id);
  PackedStanding& standing =
      state->standings.Mutable(static_cast<size_t>(found - state->standings.begin()));
  if (standing.stage != Names::kNone) {
    size_t before = 0;
    for (; before < state->left.size(); ++before) {
      const LeftStage& left = state->left[before];
      if (left.track == standing.track && left.stage == standing.stage) break;
    }
    if (before < state->left.size()) {
      state->left.Mutable(before).at_us = context.at_us;
    } else {
      state->left.push_back({standing.track, standing.stage, context.at_us});
    }
  }
  standing.previous = standing.stage;
  standing.stage = to;
  standing.entered_us = context.at_us;
}

// Where the customer stands on a track, by the rule set's positions of stages.
rules::Standing StandingOf(const State& state, size_t track, int32_t present,
                           const Binding& binding, std::vector<int64_t>* left_us) {
  const Binding::TrackNames& names = binding.tracks[track];
  const PackedStanding* standing = state.StandingOn(track, names.id);
  rules::Standing result;
  result.stage = present;
  if (standing == nullptr) return result;
  result.entered_us = standing->entered_us;
  if (state.left.empty()) return result;
  left_us->assign(names.stages.size(), rules::kNeverLeft);
  for (const LeftStage& left : state.left) {
    if (left.track != standing->track) continue;
    const int32_t stage = binding.StageOf(track, left.stage);
    if (stage >= 0) (*left_us)[static_cast<size_t>(stage)] = left.at_us;
  }
  result.left_us = *left_us;
  return result;
}

void Ask(const rules::Condition& condition, const Batch& batch, StageScratch* scratch) {
  std::vector<expression::Truth>& truths = scratch->truths;
  const size_t first = truths.size();
  truths.resize(first + batch.rows());
  if (condition.program == nullptr) return;
  condition.program->Test(batch, absl::MakeConstSpan(scratch->features.rows).first(batch.rows()),
                          absl::MakeSpan(truths).subspan(first));
}

// All conditions of all rows: of each track those to enter its stages, then those to leave them.
void AskAll(const Binding& binding, const Batch& batch, StageScratch* scratch) {
  std::vector<uint32_t>& rows = scratch->features.rows;
  if (rows.size() < batch.rows()) {
    rows.resize(batch.rows());
    std::iota(rows.begin(), rows.end(), 0u);
  }
  scratch->truths.clear();
  for (const rules::Track& track : binding.rules->tracks) {
    for (const rules::Stage& stage : track.stages) Ask(stage.enter, batch, scratch);
    for (const rules::Stage& stage : track.stages) Ask(stage.exit, batch, scratch);
  }
}

Schedule::Seconds DueSecond(const State& state, const FeatureContext& context, const Batch& batch,
                            size_t row) {
  const int64_t due_us = DueOf(state, context, batch, row);
  if (due_us == kNeverDue) return Schedule::kNever;
  return due_us <= context.at_us ? Schedule::kNextTick : Schedule::SecondsOf(due_us);
}

// Events change the tier that is remembered, ticks set only one that nobody remembers: those that
// evaluate everybody and those that evaluate who is due must leave the same state.
void RememberTiers(absl::Span<const Subject> subjects, const FeatureContext& context,
                   const std::function<State*(size_t)>& writable, const FeatureScratch& features,
                   bool is_tick) {
  if (!context.wanted.model || context.valuation.model == nullptr) return;
  for (size_t r = 0; r < subjects.size(); ++r) {
    const Tier before = subjects[r].state->tier, now = features.tiers[r];
    if (now == Tier::kNone || now == before || (is_tick && before != Tier::kNone)) continue;
    writable(r)->tier = now;
  }
}

}  // namespace

void EvaluateStages(absl::Span<const Subject> subjects, const FeatureContext& context,
                    const std::function<State*(size_t)>& writable, StageScratch* scratch,
                    std::vector<Schedule::Seconds>* due) {
  const Binding& binding = context.binding;
  const size_t rows = subjects.size();
  const bool together = rows >= kTogether;
  std::optional<Batch> many;
  if (rows != 1) many.emplace(binding.schema, rows);
  Batch& batch = many.has_value() ? *many : CleanRow(context, scratch);
  scratch->features.Resize(rows);
  for (size_t r = 0; r < rows; ++r) {
    FillFacts(*subjects[r].state, context.At(subjects[r].at_us), &batch, r, &scratch->features);
  }
  FillDerived(context, &scratch->features, &batch);
  RememberTiers(subjects, context, writable, scratch->features, /*is_tick=*/due != nullptr);
  if (together) AskAll(binding, batch, scratch);
  if (due != nullptr) due->assign(rows, Schedule::kNextTick);
  for (size_t r = 0; r < rows; ++r) {
    const FeatureContext here = context.At(subjects[r].at_us);
    const State* state = subjects[r].state;
    bool moved = false;
    const expression::Truth* truths = scratch->truths.data() + r;
    for (size_t t = 0; t < binding.tracks.size(); ++t) {
      const rules::Track& track = binding.rules->tracks[t];
      const PackedStanding* standing = state->StandingOn(t, binding.tracks[t].id);
      const int32_t present =
          standing == nullptr ? rules::kNoStage : binding.StageOf(t, standing->stage);
      const rules::Standing before = StandingOf(*state, t, present, binding, &scratch->left_us);
      const size_t stages = track.stages.size();
      const int32_t next =
          together
              ? rules::NextStage(track, before, {truths, truths + stages * rows, rows}, here.at_us)
              : rules::NextStage(track, before, batch, static_cast<uint32_t>(r), here.at_us);
      if (together) truths += 2 * stages * rows;
      if (next == present) continue;
      State* written = writable(r);
      Move(t, binding.tracks[t].stages[static_cast<size_t>(next)], here, written);
      moved = true;
      state = written;  // later tracks read their own standings, which have not moved
    }
    if (due != nullptr && !moved) (*due)[r] = DueSecond(*state, here, batch, r);
  }
}

}  // namespace tenure::customers
