#include "server/decision/screen.h"

#include <algorithm>
#include <utility>

#include "server/decision/gates.h"
#include "server/rules/features.h"

namespace tenure::decision {
namespace {

using expression::Truth;
using journal::CandidateRecord;
using journal::Gate;
using journal::Outcome;

class CampaignScreen {
 public:
  CampaignScreen(const ScreenInput& input, int32_t campaign, Screened* out)
      : input_(input),
        index_(campaign),
        campaign_(input.rules->campaigns[static_cast<size_t>(campaign)]),
        out_(*out) {}

  void Run() {
    out_.passed.clear();
    out_.stopped.clear();
    const auto rows = static_cast<uint32_t>(input_.features->rows());
    if (!OnSchedule()) {
      for (uint32_t row = 0; row < rows; ++row) Stop(row, Gate::kSchedule);
      return;
    }
    const std::vector<int32_t> stages = StageCodes();
    for (uint32_t row = 0; row < rows; ++row) {
      const Gate gate = ContactGate(row, stages);
      if (gate == Gate::kNone) {
        out_.passed.push_back(row);
      } else {
        Stop(row, gate);
      }
    }
    TestEligibility();
    HoldQuietHours();
  }

 private:
  bool OnSchedule() const {
    return (!campaign_.start_us.has_value() || input_.at_us >= *campaign_.start_us) &&
           (!campaign_.end_us.has_value() || input_.at_us < *campaign_.end_us);
  }

  // The campaign's stages as codes of the stage column's dictionary, so that rows compare integers.
  std::vector<int32_t> StageCodes() const {
    std::vector<int32_t> codes;
    const ColumnView stage = input_.features->column(rules::kStage);
    if (stage.dictionary == nullptr) return codes;
    for (const std::string& id : campaign_.stages) {
      if (const int32_t code = stage.dictionary->Find(id); code >= 0) codes.push_back(code);
    }
    return codes;
  }

  Gate ContactGate(uint32_t row, const std::vector<int32_t>& stages) const {
    const customers::Profile& profile = input_.profiles[row];
    const bool owed = campaign_.campaign_class == rules::CampaignClass::kService;
    if (!owed && !Consented(profile, campaign_.channel)) return Gate::kConsent;
    if (!InStage(row, stages)) return Gate::kStage;
    return MayReenter(campaign_, profile, input_.at_us) ? Gate::kNone : Gate::kReentry;
  }

  bool InStage(uint32_t row, const std::vector<int32_t>& stages) const {
    if (campaign_.stages.empty()) return true;
    const ColumnView stage = input_.features->column(rules::kStage);
    return stage.IsValid(row) &&
           std::find(stages.begin(), stages.end(), stage.Code(row)) != stages.end();
  }

  void TestEligibility() {
    if (campaign_.eligible.program == nullptr || out_.passed.empty()) return;
    out_.truths.resize(out_.passed.size());
    campaign_.eligible.program->Test(*input_.features, out_.passed, absl::MakeSpan(out_.truths));
    size_t kept = 0;
    for (size_t i = 0; i < out_.passed.size(); ++i) {
      const uint32_t row = out_.passed[i];
      if (out_.truths[i] == Truth::kTrue) {
        out_.passed[kept++] = row;
        continue;
      }
      // Which name was missing, and the operands, are derived when someone asks.
      Stop(row, Gate::kEligibility,
           out_.truths[i] == Truth::kMissing ? "missing"
           : out_.truths[i] == Truth::kError ? "error"
                                             : "");
    }
    out_.passed.resize(kept);
  }

  void HoldQuietHours() {
    if (!input_.quiet_until_us.has_value()) return;
    const bool defer = input_.rules->quiet_hours->defer;
    for (const uint32_t row : out_.passed) {
      Stop(row, Gate::kQuietHours);
      CandidateRecord& record = out_.stopped.back().record;
      record.until_us = *input_.quiet_until_us;
      if (defer) record.outcome = Outcome::kDeferred;
    }
    out_.passed.clear();
  }

  void Stop(uint32_t row, Gate gate, const char* text = "") {
    CandidateRecord record;
    record.campaign = index_;
    record.outcome = Outcome::kFiltered;
    record.gate = gate;
    record.text = text;
    out_.stopped.push_back({row, std::move(record)});
  }

  const ScreenInput& input_;
  const int32_t index_;
  const rules::Campaign& campaign_;
  Screened& out_;
};

}  // namespace

void Screen(const ScreenInput& input, int32_t campaign, Screened* out) {
  CampaignScreen(input, campaign, out).Run();
}

}  // namespace tenure::decision
