#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
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
    if (then.outcome != Outcome::kFiltered || !OfTheMoment(then.gate)) return {};
    return {then.gate, then.text};
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

// The candidates as far as the gates and scores decide them, from features and proposals.
RowEvaluation Reevaluate(const rules::RuleSet& rules, const DecisionRecord& record,
                         const Batch& features) {
  const customers::Profile profile = Open(rules, record);
  ConsentColumns consents;
  consents.Begin(absl::MakeConstSpan(&profile, 1));
  const ScreenInput input{&rules,
                          &features,
                          absl::MakeConstSpan(&profile, 1),
                          record.asked_us,
                          QuietUntil(rules, record.asked_us),
                          &consents};
  RowEvaluation row;
  Screened screened;
  size_t i = 0;
  for (size_t c = 0; c < rules.campaigns.size(); ++c) {
    const auto campaign = static_cast<int32_t>(c);
    Screen(input, campaign, &screened);
    const bool stopped = screened.passed.empty();
    bool first = true;
    for (; i < record.candidates.size() && record.candidates[i].campaign == campaign; ++i) {
      const CandidateRecord& then = record.candidates[i];
      const bool moment = then.offer < 0 && OfTheMoment(then.gate);
      // Gates are numbered in the order they are asked: one of the moment hides those after it.
      if (stopped && !(moment && then.gate < screened.stopped[0].gate)) {
        if (first) {
          RecordStop(input, campaign, screened.stopped[0].gate, screened.stopped[0].note,
                     &row.candidates.emplace_back());
        }
      } else if (moment || then.gate == Gate::kPolicy || then.offer < 0) {
        row.candidates.push_back(then);
      } else {
        CandidateRecord again = then;
        again.text.clear();
        again.lost_to_campaign = -1;
        again.winning_score = 0;
        ApplyScore(rules.campaigns[c], &again);
        row.candidates.push_back(std::move(again));
      }
      first = false;
    }
  }
  Rank(rules, &row);
  return row;
}

absl::Status Differs(const rules::RuleSet& rules, const DecisionRecord& then,
                     const DecisionRecord& now) {
  for (size_t i = 0; i < then.candidates.size() && i < now.candidates.size(); ++i) {
    DecisionRecord a, b;
    a.candidates.push_back(then.candidates[i]);
    b.candidates.push_back(now.candidates[i]);
    if (journal::Encode(a) == journal::Encode(b)) continue;
    const rules::Campaign& campaign =
        rules.campaigns[static_cast<size_t>(then.candidates[i].campaign)];
    const int32_t offer = then.candidates[i].offer;
    return absl::DataLossError(absl::StrCat(
        "replay differs at ", campaign.id,
        offer < 0 ? "" : absl::StrCat("/", campaign.offers[static_cast<size_t>(offer)].id),
        ": recorded outcome ", static_cast<int>(then.candidates[i].outcome), " gate ",
        static_cast<int>(then.candidates[i].gate), ", replayed outcome ",
        static_cast<int>(now.candidates[i].outcome), " gate ",
        static_cast<int>(now.candidates[i].gate)));
  }
  return absl::DataLossError("replay differs in the selections");
}

absl::Status CheckShape(const rules::RuleSet& rules, const DecisionRecord& record) {
  if (rules.hash != record.rule_set) {
    return absl::FailedPreconditionError(
        absl::StrCat("the decision was taken by rule set ", record.rule_set, ", not ", rules.hash));
  }
  int32_t last = 0;
  for (const CandidateRecord& candidate : record.candidates) {
    const auto campaigns = static_cast<int32_t>(rules.campaigns.size());
    if (candidate.campaign < last || candidate.campaign >= campaigns ||
        candidate.offer >=
            static_cast<int32_t>(
                rules.campaigns[static_cast<size_t>(candidate.campaign)].offers.size())) {
      return absl::DataLossError("the record's candidates are not the rule set's");
    }
    last = candidate.campaign;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Replay(const rules::RuleSet& rules, const DecisionRecord& record, int64_t at_us) {
  TENURE_RETURN_IF_ERROR(CheckShape(rules, record));
  TENURE_ASSIGN_OR_RETURN(const Batch features, DecodeFeatures(rules, record.features));
  DecisionRecord again = record;
  again.candidates.clear();
  again.selections.clear();
  again.ghosts.clear();
  Recorded conditions(record);
  Place(rules, Reevaluate(rules, record, features), at_us, &conditions, &again);
  if (journal::Encode(again) == journal::Encode(record)) return absl::OkStatus();
  return Differs(rules, record, again);
}

}  // namespace tenure::decision
