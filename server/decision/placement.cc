#include "server/decision/placement.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/time.h"
#include "server/decision/candidates.h"
#include "server/decision/charge.h"
#include "server/decision/gates.h"
#include "server/decision/lot.h"
#include "server/decision/ranking.h"
#include "server/decision/world.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Gate;
using journal::Outcome;
using journal::SelectionRecord;

class Walker {
 public:
  Walker(const rules::RuleSet& rules, int64_t at_us, Conditions* conditions,
         journal::DecisionRecord* record)
      : rules_(rules),
        at_us_(at_us),
        conditions_(*conditions),
        record_(*record),
        globally_held_out_(InGlobalHoldout(rules, record->customer_id)) {}

  // Whether nothing more can be chosen: in what order the rest is visited then makes no difference.
  bool full() const { return filled_ >= rules_.placements; }

  // Nobody who is held out of everything takes part. What a condition refuses is walked as any
  // other.
  void GiveByLot(const Lot& lot) {
    CandidateRecord& candidate = record_.candidates[lot.candidate];
    const rules::Campaign& campaign = rules_.campaigns[candidate.campaign];
    if (globally_held_out_ || full()) return;
    if (!campaign.exclusivity_group.empty() && GroupTaken(campaign.exclusivity_group)) return;
    std::string leaf = conditions_.Leaf(candidate);
    if (!leaf.empty()) leaf = absl::StrCat(ExplorationPath(campaign.budget), "/", campaign.id);
    if (!conditions_.MayGiveByLot(candidate, leaf, taken_)) return;
    const auto index = static_cast<int32_t>(lot.candidate);
    SelectionRecord selection = Selection(index, campaign, leaf, candidate);
    selection.lot_probability = lot.probability;
    candidate.gate = Gate::kNone;
    Select(index, campaign, leaf, std::move(selection));
  }

  void Visit(size_t at) {
    const auto index = static_cast<int32_t>(at);
    CandidateRecord& candidate = record_.candidates[at];
    const rules::Campaign& campaign = rules_.campaigns[candidate.campaign];
    if (Contains(held_out_, candidate.campaign)) {
      candidate.outcome = Outcome::kHeldOut;
      return;
    }
    if (full()) return Lose(&candidate, winner_);
    if (const int32_t same = ChosenOf(candidate.campaign); same >= 0) return Lose(&candidate, same);
    if (!campaign.exclusivity_group.empty() && GroupTaken(campaign.exclusivity_group)) {
      return Refuse(&candidate, {Gate::kExclusivity, campaign.exclusivity_group});
    }
    const std::string leaf = conditions_.Leaf(candidate);
    const Conditions::Refusal refusal = conditions_.Check(candidate, leaf, taken_);
    if (refusal.gate != Gate::kNone) return Refuse(&candidate, refusal);
    Settle(index, campaign, leaf, &candidate);
  }

 private:
  static bool Contains(const std::vector<int32_t>& campaigns, int32_t campaign) {
    return std::find(campaigns.begin(), campaigns.end(), campaign) != campaigns.end();
  }

  // The holdout is drawn last, when everything else would have let the offer through.
  void Settle(int32_t index, const rules::Campaign& campaign, const std::string& leaf,
              CandidateRecord* candidate) {
    const bool owed = campaign.campaign_class == rules::CampaignClass::kService;
    SelectionRecord selection = Selection(index, campaign, leaf, *candidate);
    if (!owed && globally_held_out_) {
      candidate->outcome = Outcome::kHeldOut;
      candidate->gate = Gate::kGlobalHoldout;
      record_.ghosts.push_back(std::move(selection));
      filled_ = rules_.placements;
      winner_ = index;
      return;
    }
    if (!owed && InCampaignHoldout(rules_, campaign, record_.customer_id)) {
      candidate->outcome = Outcome::kHeldOut;
      record_.ghosts.push_back(std::move(selection));
      held_out_.push_back(candidate->campaign);
      if (campaign.holdout_falls_through) return;
      if (winner_ < 0) winner_ = index;
      ++filled_;
      return;
    }
    Select(index, campaign, leaf, std::move(selection));
  }

  void Select(int32_t index, const rules::Campaign& campaign, const std::string& leaf,
              SelectionRecord selection) {
    if (!leaf.empty()) {
      selection.hold_id = conditions_.Hold(leaf, selection.held_micros, selection.expires_us);
    }
    record_.candidates[static_cast<size_t>(index)].outcome = Outcome::kSelected;
    if (winner_ < 0) winner_ = index;
    chosen_.push_back(index);
    taken_.push_back(&campaign);
    record_.selections.push_back(std::move(selection));
    ++filled_;
  }

  SelectionRecord Selection(int32_t index, const rules::Campaign& campaign, const std::string& leaf,
                            const CandidateRecord& candidate) {
    const rules::Offer& offer = campaign.offers[static_cast<size_t>(candidate.offer)];
    SelectionRecord selection;
    selection.candidate = index;
    selection.budget_node = leaf;
    const int64_t valid_us = offer.valid_days * kMicrosPerDay;
    // A coupon stays held until its validity ends: only then can it no longer cost anything.
    const bool later = HoldsAtRedemption(campaign, candidate);
    selection.expires_us =
        at_us_ + (later ? campaign.hold_us : std::max(campaign.hold_us, valid_us));
    if (leaf.empty()) return selection;
    const int64_t asked = HeldMicros(campaign, candidate);
    selection.held_micros = conditions_.Granted(candidate, leaf);
    if (selection.held_micros < asked) selection.asked_micros = asked;
    if (later && candidate.liability_micros > asked) {
      selection.coupon_micros = candidate.liability_micros - asked;
      selection.coupon_expires_us = at_us_ + valid_us;
    }
    return selection;
  }

  int32_t ChosenOf(int32_t campaign) const {
    for (const int32_t index : chosen_) {
      if (record_.candidates[static_cast<size_t>(index)].campaign == campaign) return index;
    }
    return -1;
  }

  bool GroupTaken(const std::string& group) const {
    return std::any_of(taken_.begin(), taken_.end(), [&](const rules::Campaign* campaign) {
      return campaign->exclusivity_group == group;
    });
  }

  static void Lose(CandidateRecord* candidate, int32_t winner) {
    candidate->outcome = Outcome::kLost;
    candidate->detail = static_cast<uint16_t>(winner + 1);
  }

  void Refuse(CandidateRecord* candidate, const Conditions::Refusal& refusal) {
    candidate->outcome = refusal.outcome;
    candidate->gate = refusal.gate;
    candidate->detail = NumberOfText(refusal.text, &record_);
  }

  const rules::RuleSet& rules_;
  const int64_t at_us_;
  Conditions& conditions_;
  journal::DecisionRecord& record_;
  const bool globally_held_out_;
  int32_t filled_ = 0;
  int32_t winner_ = -1;                        // index of the first that took a place
  std::vector<int32_t> chosen_;                // indices of selected candidates
  std::vector<const rules::Campaign*> taken_;  // their campaigns
  std::vector<int32_t> held_out_;              // campaigns this customer is held out of
};

}  // namespace

void Place(const rules::RuleSet& rules, int64_t at_us, Conditions* conditions,
           journal::DecisionRecord* record) {
  Walker walker(rules, at_us, conditions, record);
  const std::vector<Lot> lots = DrawLots(rules, *record);
  thread_local Ranking ranking;
  ranking.Begin(rules, record->candidates);
  // What is owed goes before any lot.
  while (!lots.empty() && ranking.IsNextOwed()) walker.Visit(ranking.Next());
  for (const Lot& lot : lots) walker.GiveByLot(lot);
  while (!ranking.empty()) {
    const size_t at = walker.full() ? ranking.Any() : ranking.Next();
    const bool given = record->candidates[at].outcome == Outcome::kSelected;  // by lot
    if (!given) walker.Visit(at);
  }
}

}  // namespace tenure::decision
