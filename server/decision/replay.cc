#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/decision/campaign_index.h"
#include "server/decision/candidates.h"
#include "server/decision/explain.h"
#include "server/decision/gates.h"
#include "server/decision/placement.h"
#include "server/decision/score.h"
#include "server/decision/screen.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::DecisionRecord;
using journal::Gate;
using journal::Outcome;
using journal::Stop;

// Conditions of the moment can't be derived again: the record says what they were.
bool OfTheMoment(Gate gate) {
  return gate == Gate::kConsent || gate == Gate::kReentry || gate == Gate::kCap ||
         gate == Gate::kBudget;
}

class Recorded final : public Conditions {
 public:
  explicit Recorded(const DecisionRecord& record) : record_(record) {}

  Refusal Check(const CandidateRecord& candidate, const std::string&,
                absl::Span<const rules::Campaign* const>) override {
    const CandidateRecord& then = record_.candidates[IndexOf(candidate)];
    const bool refused = then.outcome == Outcome::kFiltered || then.outcome == Outcome::kPaced;
    if (!refused || !OfTheMoment(then.gate)) return {};
    return {then.gate, std::string(TextOf(record_, then)), then.outcome};
  }

  bool MayGiveByLot(const CandidateRecord& candidate, const std::string&,
                    absl::Span<const rules::Campaign* const>) override {
    const auto index = static_cast<int32_t>(IndexOf(candidate));
    for (const journal::SelectionRecord& selection : record_.selections) {
      if (selection.candidate == index) return selection.lot_probability > 0;
    }
    return false;
  }

  std::string Leaf(const CandidateRecord& candidate) override {
    const auto index = static_cast<int32_t>(IndexOf(candidate));
    for (const journal::SelectionRecord& selection : record_.selections) {
      if (selection.candidate == index) return selection.budget_node;
    }
    for (const journal::SelectionRecord& ghost : record_.ghosts) {
      if (ghost.candidate == index) return ghost.budget_node;
    }
    return "";
  }

  int64_t Granted(const CandidateRecord& candidate, const std::string&) override {
    const auto index = static_cast<int32_t>(IndexOf(candidate));
    for (const journal::SelectionRecord& selection : record_.selections) {
      if (selection.candidate == index) return selection.held_micros;
    }
    for (const journal::SelectionRecord& ghost : record_.ghosts) {
      if (ghost.candidate == index) return ghost.held_micros;
    }
    return 0;
  }

  uint64_t Hold(const std::string& leaf, int64_t, int64_t) override {
    for (; next_ < record_.selections.size(); ++next_) {
      if (record_.selections[next_].budget_node == leaf) return record_.selections[next_++].hold_id;
    }
    return 0;
  }

 private:
  // Present by construction: what is walked was copied from the record.
  size_t IndexOf(const CandidateRecord& candidate) const {
    size_t i = 0;
    while (i + 1 < record_.candidates.size() &&
           (record_.candidates[i].campaign != candidate.campaign ||
            record_.candidates[i].offer != candidate.offer)) {
      ++i;
    }
    return i;
  }

  const DecisionRecord& record_;
  size_t next_ = 0;
};

// A profile that no contact gate stops.
customers::Profile Open(const rules::RuleSet& rules, const DecisionRecord& record) {
  customers::Profile profile;
  profile.id = record.customer_id;
  profile.stage = record.stage;
  for (const rules::Campaign& campaign : rules.campaigns) {
    profile.consents.push_back({campaign.channel, "marketing", journal::ConsentState::kGranted, 0});
  }
  return profile;
}

// A candidate as far as its score decides it; what its policy refused stands as it was.
CandidateRecord Rescore(const rules::RuleSet& rules, const DecisionRecord& record,
                        const CandidateRecord& then) {
  if (then.gate == Gate::kPolicy) return then;
  CandidateRecord again = then;
  again.detail = 0;
  ApplyScore(rules.campaigns[then.campaign], record.slot_price, &again);
  return again;
}

// Stops and candidates as far as gates and scores decide them, from features and proposals.
void Reevaluate(const rules::RuleSet& rules, const DecisionRecord& record, const Batch& features,
                DecisionRecord* again) {
  const customers::Profile profile = Open(rules, record);
  const CampaignIndex index(rules);
  const auto quiet_until_us = QuietUntil(rules, record.asked_us);
  Screened screened;
  Screen({&rules, &index, &features, absl::MakeConstSpan(&profile, 1), record.asked_us,
          quiet_until_us},
         &screened);
  again->quiet_until_us = quiet_until_us.value_or(0);
  again->stops.assign(screened.stops.begin(), screened.stops.end());
  for (size_t c = 0; c < rules.campaigns.size(); ++c) {
    const Gate then = Stop::Of(static_cast<uint8_t>(record.stops[c])).gate;
    const Gate now = Stop::Of(screened.stops[c]).gate;
    // Gates are numbered in the order they are asked: one of the moment hides those after it.
    if (OfTheMoment(then) && (now == Gate::kNone || then < now)) again->stops[c] = record.stops[c];
  }
  again->candidates.clear();
  for (const CandidateRecord& then : record.candidates) {
    if (again->stops[then.campaign] != 0) continue;
    again->candidates.push_back(Rescore(rules, record, then));
  }
}

absl::Status Differs(const rules::RuleSet& rules, const DecisionRecord& then,
                     const DecisionRecord& now) {
  const std::vector<CandidateView> before = ViewCandidates(then), after = ViewCandidates(now);
  for (size_t i = 0; i < before.size() && i < after.size(); ++i) {
    const CandidateView &a = before[i], &b = after[i];
    const bool numbers = a.record == nullptr || b.record == nullptr
                             ? a.record == b.record
                             : std::memcmp(a.record, b.record, sizeof(CandidateRecord)) == 0;
    if (numbers && a.campaign == b.campaign && a.outcome == b.outcome && a.gate == b.gate &&
        a.text == b.text) {
      continue;
    }
    const rules::Campaign& campaign = rules.campaigns[static_cast<size_t>(a.campaign)];
    return absl::DataLossError(absl::StrCat(
        "replay differs at ", campaign.id,
        a.offer < 0 ? "" : absl::StrCat("/", campaign.offers[static_cast<size_t>(a.offer)].id),
        ": recorded outcome ", static_cast<int>(a.outcome), " gate ", static_cast<int>(a.gate),
        ", replayed outcome ", static_cast<int>(b.outcome), " gate ", static_cast<int>(b.gate)));
  }
  return absl::DataLossError("replay differs in the selections");
}

absl::Status CheckShape(const rules::RuleSet& rules, const DecisionRecord& record) {
  if (rules.hash != record.rule_set) {
    return absl::FailedPreconditionError(
        absl::StrCat("the decision was taken by rule set ", record.rule_set, ", not ", rules.hash));
  }
  bool fits = record.stops.size() == rules.campaigns.size();
  uint16_t last = 0;
  for (const CandidateRecord& candidate : record.candidates) {
    fits = fits && candidate.campaign >= last && candidate.campaign < rules.campaigns.size() &&
           candidate.offer < static_cast<int>(rules.campaigns[candidate.campaign].offers.size());
    last = candidate.campaign;
  }
  if (fits) return absl::OkStatus();
  return absl::DataLossError("the record's candidates are not the rule set's");
}

}  // namespace

absl::Status Replay(const rules::RuleSet& rules, const DecisionRecord& record, int64_t at_us) {
  TENURE_RETURN_IF_ERROR(CheckShape(rules, record));
  TENURE_ASSIGN_OR_RETURN(const Batch features, DecodeFeatures(rules, record.features));
  DecisionRecord again = record;
  again.selections.clear();
  again.ghosts.clear();
  Reevaluate(rules, record, features, &again);
  Recorded conditions(record);
  Place(rules, at_us, &conditions, &again);
  if (journal::Encode(again) == journal::Encode(record)) return absl::OkStatus();
  return Differs(rules, record, again);
}

}  // namespace tenure::decision
