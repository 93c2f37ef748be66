#include "server/rules/case_outcome.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/rules/features.h"
#include "server/rules/stage_machine.h"

namespace tenure::rules {
namespace {

using expression::Truth;

Truth Ask(const Condition& condition, const Batch& batch) {
  if (condition.program == nullptr) return Truth::kTrue;
  const uint32_t row = 0;
  Truth truth = Truth::kFalse;
  condition.program->Test(batch, absl::MakeConstSpan(&row, 1), absl::MakeSpan(&truth, 1));
  return truth;
}

// Stage columns of a track: the lifecycle's is a feature of its own.
void WriteStage(const RuleSet& rules, size_t track, int stage, Batch* batch) {
  if (stage == kNoStage) return;
  const Track& of = rules.tracks[track];
  const std::string& id = of.stages[static_cast<size_t>(stage)].id;
  const size_t column =
      track == 0 ? size_t{kStage} : *rules.schema->Find(absl::StrCat("track.", of.id));
  batch->SetString(column, 0, id);
}

int IndexOf(const Track& track, const std::string& id) {
  for (size_t i = 0; i < track.stages.size(); ++i) {
    if (track.stages[i].id == id) return static_cast<int>(i);
  }
  return kNoStage;
}

int StageAfter(const Track& track, int before, const CaseStanding* from, int64_t at_us,
               const Batch& batch) {
  std::vector<int64_t> left(track.stages.size(), kNeverLeft);
  if (from != nullptr) {
    for (const auto& [stage, left_us] : from->left_us) {
      const int i = IndexOf(track, stage);
      if (i != kNoStage) left[static_cast<size_t>(i)] = left_us;
    }
  }
  const Standing standing{before, from == nullptr ? at_us : from->since_us, left};
  return NextStage(track, standing, batch, 0, at_us);
}

void Move(const RuleSet& rules, size_t index, int before, int after, Batch* batch) {
  if (after == before) return;
  WriteStage(rules, index, after, batch);
  if (index > 0) return;
  batch->SetDouble(kStageDays, 0, 0);
  if (before != kNoStage) {
    batch->SetString(kPreviousStage, 0, rules.tracks[0].stages[static_cast<size_t>(before)].id);
  }
}

void EvaluateTracks(const TestCase& test, const RuleSet& rules, Batch* batch,
                    CaseOutcome* outcome) {
  std::vector<const CaseStanding*> from;
  for (size_t t = 0; t < rules.tracks.size(); ++t) {
    const auto it = test.from.find(rules.tracks[t].id);
    from.push_back(it == test.from.end() ? nullptr : &it->second);
    const int before = from[t] == nullptr ? kNoStage : IndexOf(rules.tracks[t], from[t]->stage);
    outcome->stage_before.push_back(before);
    WriteStage(rules, t, before, batch);
    if (t == 0 && before != kNoStage) {
      batch->SetDouble(
          kStageDays, 0,
          static_cast<double>(test.at_us - from[t]->since_us) / static_cast<double>(kMicrosPerDay));
    }
  }
  // Every track sees where the customer stood before; all of them move at once.
  for (size_t t = 0; t < rules.tracks.size(); ++t) {
    outcome->stage_after.push_back(
        StageAfter(rules.tracks[t], outcome->stage_before[t], from[t], test.at_us, *batch));
  }
  for (size_t t = 0; t < rules.tracks.size(); ++t) {
    Move(rules, t, outcome->stage_before[t], outcome->stage_after[t], batch);
  }
}

CampaignOutcome EvaluateCampaign(const Campaign& campaign, const std::string& stage, int64_t at_us,
                                 const Batch& batch) {
  if ((campaign.start_us.has_value() && at_us < *campaign.start_us) ||
      (campaign.end_us.has_value() && at_us >= *campaign.end_us)) {
    return {"schedule", FormatInstant(at_us)};
  }
  if (!campaign.stages.empty() &&
      std::find(campaign.stages.begin(), campaign.stages.end(), stage) == campaign.stages.end()) {
    return {"stage", absl::StrCat("stage is ", stage.empty() ? "missing" : stage)};
  }
  const Truth truth = Ask(campaign.eligible, batch);
  if (truth == Truth::kTrue) return {};
  std::string missing;
  std::string detail;
  for (const expression::Operand& operand :
       campaign.eligible.program->Explain(batch, 0, &missing)) {
    absl::StrAppend(&detail, detail.empty() ? "" : ", ", operand.text, " is ", operand.value);
  }
  if (truth == Truth::kMissing) return {"missing", absl::StrCat(missing, " is missing")};
  return {"eligibility", detail};
}

}  // namespace

CaseOutcome EvaluateCase(const TestCase& test, const RuleSet& rules, Batch* batch) {
  CaseOutcome outcome;
  EvaluateTracks(test, rules, batch, &outcome);
  for (const Segment& segment : rules.segments) {
    const Truth truth = Ask(segment.when, *batch);
    outcome.in_segment.push_back(truth == Truth::kTrue);
    if (truth == Truth::kTrue || truth == Truth::kFalse) {
      batch->SetBool(*rules.schema->Find(absl::StrCat("segment.", segment.id)), 0,
                     truth == Truth::kTrue);
    }
  }
  const ColumnView stage = batch->column(kStage);
  const std::string stage_id = stage.IsValid(0) ? std::string(stage.String(0)) : "";
  for (const Campaign& campaign : rules.campaigns) {
    outcome.campaigns.push_back(EvaluateCampaign(campaign, stage_id, test.at_us, *batch));
  }
  for (const Budget& budget : rules.budgets) {
    size_t i = 0;
    while (i + 1 < budget.segments.size() && Ask(budget.segments[i].when, *batch) != Truth::kTrue) {
      ++i;
    }
    outcome.budget_segment.push_back(i);
  }
  return outcome;
}

}  // namespace tenure::rules
