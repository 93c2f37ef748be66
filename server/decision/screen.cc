#include "server/decision/screen.h"

#include <algorithm>

#include "server/decision/gates.h"
#include "server/rules/features.h"

namespace tenure::decision {
namespace {

using expression::Truth;
using journal::Gate;

class CampaignScreen {
 public:
  CampaignScreen(const ScreenInput& input, int32_t campaign, Screened* out)
      : input_(input),
        campaign_(input.rules->campaigns[static_cast<size_t>(campaign)]),
        stage_(input.features->column(rules::kStage)),
        out_(*out) {}

  void Run() {
    out_.passed.clear();
    out_.stopped.clear();
    const auto rows = static_cast<uint32_t>(input_.features->rows());
    if (!OnSchedule()) {
      for (uint32_t row = 0; row < rows; ++row) Stop(row, Gate::kSchedule);
      return;
    }
    FindStages();
    absl::Span<const uint8_t> consented;  // empty: none is needed
    if (campaign_.campaign_class != rules::CampaignClass::kService) {
      consented = input_.consents->Of(campaign_.channel);
    }
    for (uint32_t row = 0; row < rows; ++row) {
      const Gate gate = ContactGate(row, consented);
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
  void FindStages() {
    out_.stages.clear();
    if (stage_.dictionary == nullptr) return;
    for (const std::string& id : campaign_.stages) {
      if (const int32_t code = stage_.dictionary->Find(id); code >= 0) out_.stages.push_back(code);
    }
  }

  Gate ContactGate(uint32_t row, absl::Span<const uint8_t> consented) const {
    if (!consented.empty() && consented[row] == 0) return Gate::kConsent;
    if (!InStage(row)) return Gate::kStage;
    const bool may = MayReenter(campaign_, input_.profiles[row], input_.at_us);
    return may ? Gate::kNone : Gate::kReentry;
  }

  bool InStage(uint32_t row) const {
    if (campaign_.stages.empty()) return true;
    return stage_.IsValid(row) &&
           std::find(out_.stages.begin(), out_.stages.end(), stage_.Code(row)) != out_.stages.end();
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
           out_.truths[i] == Truth::kMissing ? Note::kMissing
           : out_.truths[i] == Truth::kError ? Note::kError
                                             : Note::kNone);
    }
    out_.passed.resize(kept);
  }

  void HoldQuietHours() {
    if (!input_.quiet_until_us.has_value()) return;
    for (const uint32_t row : out_.passed) Stop(row, Gate::kQuietHours);
    out_.passed.clear();
  }

  void Stop(uint32_t row, Gate gate, Note note = Note::kNone) {
    out_.stopped.push_back({row, gate, note});
  }

  const ScreenInput& input_;
  const rules::Campaign& campaign_;
  const ColumnView stage_;
  Screened& out_;
};

}  // namespace

void ConsentColumns::Begin(absl::Span<const customers::Profile> profiles) {
  profiles_ = profiles;
  used_ = 0;
}

absl::Span<const uint8_t> ConsentColumns::Of(absl::string_view channel) {
  for (size_t i = 0; i < used_; ++i) {
    if (columns_[i].first == channel) return columns_[i].second;
  }
  if (used_ == columns_.size()) columns_.emplace_back();
  auto& [name, column] = columns_[used_++];
  name.assign(channel.data(), channel.size());
  column.resize(profiles_.size());
  for (size_t row = 0; row < profiles_.size(); ++row) {
    column[row] = Consented(profiles_[row], channel) ? 1 : 0;
  }
  return column;
}

void Screen(const ScreenInput& input, int32_t campaign, Screened* out) {
  CampaignScreen(input, campaign, out).Run();
}

void RecordStop(const ScreenInput& input, int32_t campaign, Gate gate, Note note,
                journal::CandidateRecord* record) {
  record->campaign = campaign;
  record->outcome = journal::Outcome::kFiltered;
  record->gate = gate;
  if (note != Note::kNone) record->text = note == Note::kMissing ? "missing" : "error";
  if (gate == Gate::kQuietHours) {
    record->until_us = *input.quiet_until_us;
    if (input.rules->quiet_hours->defer) record->outcome = journal::Outcome::kDeferred;
  }
}

}  // namespace tenure::decision
