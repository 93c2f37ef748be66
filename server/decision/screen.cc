#include "server/decision/screen.h"

#include <algorithm>
#include <cstring>

#include "server/decision/gates.h"
#include "server/journal/candidate.h"
#include "server/rules/features.h"

namespace tenure::decision {
namespace {

using expression::Truth;
using journal::Gate;
using journal::Note;
using journal::Stop;

constexpr uint8_t StopBy(Gate gate, Note note = Note::kNone) { return Stop{gate, note}.Byte(); }

class Screening {
 public:
  Screening(const ScreenInput& input, Screened* out)
      : input_(input),
        index_(*input.index),
        campaigns_(input.rules->campaigns),
        stage_(input.features->column(rules::kStage)),
        out_(*out) {}

  void Run() {
    const size_t rows = input_.features->rows();
    out_.stops.resize(rows * campaigns_.size());
    out_.passed.resize(campaigns_.size());
    for (std::vector<uint32_t>& passed : out_.passed) passed.clear();
    out_.open.clear();
    NumberStages();
    for (uint32_t row = 0; row < rows; ++row) AskContactGates(row);
    for (uint32_t c = 0; c < campaigns_.size(); ++c) {
      if (!out_.passed[c].empty()) TestEligibility(c);
      if (!out_.passed[c].empty() && input_.quiet_until_us.has_value()) HoldQuietHours(c);
      if (!out_.passed[c].empty()) out_.open.push_back(c);
    }
  }

 private:
  // So that a row finds its stage by the column's code.
  void NumberStages() {
    out_.stages.clear();
    if (stage_.dictionary == nullptr) return;
    for (absl::string_view id : stage_.dictionary->entries()) {
      out_.stages.push_back(index_.StageOf(id));
    }
  }

  // Later ones overwrite: the first gate to be asked is written last.
  void AskContactGates(uint32_t row) {
    const size_t stage = stage_.IsValid(row) ? out_.stages[static_cast<size_t>(stage_.Code(row))]
                                             : index_.stages() - 1;
    uint8_t* const stops = out_.stops.data() + row * campaigns_.size();
    if (!campaigns_.empty()) std::memcpy(stops, index_.Stops(stage).data(), campaigns_.size());
    AskReentry(row, stops);
    for (const CampaignIndex::Channel& channel : index_.channels()) {
      if (Consented(input_.profiles[row], channel.name)) continue;
      for (const uint32_t c : channel.campaigns) stops[c] = StopBy(Gate::kConsent);
    }
    for (const uint32_t c : index_.scheduled()) {
      if (!OnSchedule(campaigns_[c])) stops[c] = StopBy(Gate::kSchedule);
    }
    for (const uint32_t c : index_.Open(stage)) {
      if (stops[c] == 0) out_.passed[c].push_back(row);
    }
  }

  // Only what has reached the customer can be kept from coming again.
  void AskReentry(uint32_t row, uint8_t* stops) const {
    for (const customers::Contact& contact : input_.profiles[row].contacts) {
      const int32_t found = index_.Find(contact.campaign);
      if (found < 0) continue;
      const auto c = static_cast<size_t>(found);
      if (stops[c] == 0 && !MayReenter(campaigns_[c], input_.profiles[row], input_.at_us)) {
        stops[c] = StopBy(Gate::kReentry);
      }
    }
  }

  bool OnSchedule(const rules::Campaign& campaign) const {
    return (!campaign.start_us.has_value() || input_.at_us >= *campaign.start_us) &&
           (!campaign.end_us.has_value() || input_.at_us < *campaign.end_us);
  }

  void TestEligibility(uint32_t c) {
    const expression::Program* const program = campaigns_[c].eligible.program.get();
    if (program == nullptr) return;
    std::vector<uint32_t>& passed = out_.passed[c];
    out_.truths.resize(passed.size());
    program->Test(*input_.features, passed, absl::MakeSpan(out_.truths));
    size_t kept = 0;
    for (size_t i = 0; i < passed.size(); ++i) {
      const uint32_t row = passed[i];
      if (out_.truths[i] == Truth::kTrue) {
        passed[kept++] = row;
        continue;
      }
      // Which name was missing, and the operands, are derived when someone asks.
      out_.stops[row * campaigns_.size() + c] =
          StopBy(Gate::kEligibility, out_.truths[i] == Truth::kMissing ? Note::kMissing
                                     : out_.truths[i] == Truth::kError ? Note::kError
                                                                       : Note::kNone);
    }
    passed.resize(kept);
  }

  void HoldQuietHours(uint32_t c) {
    const Stop stop{Gate::kQuietHours, Note::kNone, input_.rules->quiet_hours->defer};
    for (const uint32_t row : out_.passed[c]) {
      out_.stops[row * campaigns_.size() + c] = stop.Byte();
    }
    out_.passed[c].clear();
  }

  const ScreenInput& input_;
  const CampaignIndex& index_;
  const absl::Span<const rules::Campaign> campaigns_;
  const ColumnView stage_;
  Screened& out_;
};

}  // namespace

void Screen(const ScreenInput& input, Screened* out) { Screening(input, out).Run(); }

}  // namespace tenure::decision
