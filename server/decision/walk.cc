#include "server/decision/walk.h"

#include <utility>

#include "server/decision/charge.h"
#include "server/decision/gates.h"
#include "server/decision/placement.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Gate;

// Conditions on the present state.
class Present final : public Conditions {
 public:
  Present(const WalkInput& input, const std::string& stage) : input_(input), stage_(stage) {}

  Refusal Check(const CandidateRecord& candidate, const std::string& leaf,
                absl::Span<const rules::Campaign* const> taken) override {
    const rules::RuleSet& rules = *input_.world->rules;
    const rules::Campaign& campaign = rules.campaigns[candidate.campaign];
    const customers::Profile& present = *input_.present;
    const bool owed = campaign.campaign_class == rules::CampaignClass::kService;
    if (!owed && !Consented(present, campaign.channel)) return {Gate::kConsent, campaign.channel};
    if (!MayReenter(campaign, present, input_.at_us)) return {Gate::kReentry, campaign.id};
    const rules::Cap* cap = FullCap(rules, campaign, present, stage_, taken, input_.at_us);
    if (cap != nullptr) return {Gate::kCap, cap->id};
    if (leaf.empty()) return {};
    int64_t micros = HeldMicros(campaign, candidate);
    std::string full = input_.purse->FirstFull(leaf, micros);
    if (!full.empty()) {
      micros = Clamped(campaign, candidate, leaf);
      if (micros <= 0) return {Gate::kBudget, std::move(full)};
    }
    std::string paced = input_.purse->WhyPaced(leaf, present.id, micros, owed);
    if (!paced.empty()) return {Gate::kBudget, std::move(paced), journal::Outcome::kPaced};
    return {};
  }

  int64_t Granted(const CandidateRecord& candidate, const std::string& leaf) override {
    const rules::Campaign& campaign = input_.world->rules->campaigns[candidate.campaign];
    const int64_t asked = HeldMicros(campaign, candidate);
    if (input_.purse->FirstFull(leaf, asked).empty()) return asked;
    return Clamped(campaign, candidate, leaf);
  }

  bool MayGiveByLot(const CandidateRecord& candidate, const std::string& leaf,
                    absl::Span<const rules::Campaign* const> taken) override {
    return Check(candidate, leaf, taken).gate == Gate::kNone;
  }

  std::string Leaf(const CandidateRecord& candidate) override {
    const World& world = *input_.world;
    const int32_t budget = world.budget_of[candidate.campaign];
    if (budget < 0 || candidate.liability_micros == 0) return "";
    return LeafPath(*world.rules, candidate.campaign,
                    world.SegmentOf(budget, input_.present->customer));
  }

  uint64_t Hold(const std::string& leaf, int64_t micros, int64_t expires_us) override {
    return input_.purse->Hold(leaf, micros, expires_us);
  }

 private:
  // What is left for a smaller offer; 0 where the offer does not shrink, or what is left pays no
  // more than the contact.
  int64_t Clamped(const rules::Campaign& campaign, const CandidateRecord& candidate,
                  const std::string& leaf) const {
    const rules::Offer& offer = OfferOf(campaign, candidate);
    if (!offer.clamp) return 0;
    const int64_t room = input_.purse->Room(leaf);
    return room > offer.contact_cost_micros ? room : 0;
  }

  const WalkInput& input_;
  const std::string& stage_;
};

}  // namespace

void Walk(const WalkInput& input, journal::DecisionRecord* record) {
  Present present(input, record->stage);
  Place(*input.world->rules, input.at_us, &present, record);
}

}  // namespace tenure::decision
