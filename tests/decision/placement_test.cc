#include "server/decision/placement.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/time.h"
#include "server/decision/candidates.h"
#include "server/decision/score.h"
#include "server/decision/words.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Gate;
using journal::Outcome;

constexpr int64_t kNow = 1'514'764'800'000'000;  // 2018-01-01

// Refuses what the test says, remembers what was held.
class Scripted final : public Conditions {
 public:
  Refusal Check(const CandidateRecord& candidate, const std::string&,
                absl::Span<const rules::Campaign* const>) override {
    const auto it = refusals.find(candidate.campaign);
    return it == refusals.end() ? Refusal() : it->second;
  }
  bool MayGiveByLot(const CandidateRecord& candidate, const std::string& leaf,
                    absl::Span<const rules::Campaign* const> taken) override {
    return Check(candidate, leaf, taken).gate == Gate::kNone;
  }
  std::string Leaf(const CandidateRecord& candidate) override {
    return absl::StrCat("b/s/", candidate.campaign);
  }
  int64_t Granted(const CandidateRecord& candidate, const std::string&) override {
    return candidate.liability_micros;
  }
  uint64_t Hold(const std::string& leaf, int64_t micros, int64_t) override {
    held.emplace_back(leaf, micros);
    return held.size();
  }
  std::map<int32_t, Refusal> refusals;
  std::vector<std::pair<std::string, int64_t>> held;
};

class Placement : public testing::Test {
 protected:
  // Campaigns c0, c1, … with two offers each and the given scores.
  void Offer(std::vector<std::vector<double>> scores) {
    for (size_t c = 0; c < scores.size(); ++c) {
      rules::Campaign campaign;
      campaign.id = absl::StrCat("c", c);
      for (size_t o = 0; o < scores[c].size(); ++o) {
        rules::Offer offer;
        offer.id = absl::StrCat("o", o);
        campaign.offers.push_back(offer);
        CandidateRecord candidate;
        candidate.campaign = static_cast<uint16_t>(c);
        candidate.offer = static_cast<int8_t>(o);
        candidate.gross_value = scores[c][o];
        candidate.liability_micros = 1'000'000;
        candidates_.push_back(candidate);
      }
      rules_.campaigns.push_back(campaign);
    }
  }

  journal::DecisionRecord Run() {
    journal::DecisionRecord record;
    record.customer_id = customer_;
    record.candidates = candidates_;
    for (CandidateRecord& candidate : record.candidates) {
      ApplyScore(rules_.campaigns[candidate.campaign], 0, &candidate);
    }
    Place(rules_, kNow, &conditions_, &record);
    return record;
  }

  // "SELECTED LOST …" by candidate.
  static std::string Outcomes(const journal::DecisionRecord& record) {
    std::string text;
    for (const CandidateRecord& candidate : record.candidates) {
      absl::StrAppend(&text, text.empty() ? "" : " ", OutcomeName(candidate.outcome));
    }
    return text;
  }

  rules::RuleSet rules_;
  std::vector<CandidateRecord> candidates_;
  Scripted conditions_;
  std::string customer_ = "ann";
};

TEST_F(Placement, HighestScore_WinsAndTheOthersLoseToIt) {
  Offer({{1, 2}, {5, 3}});
  const journal::DecisionRecord record = Run();
  EXPECT_EQ(Outcomes(record), "LOST LOST SELECTED LOST");
  const CandidateRecord* winner = WinnerOver(record, record.candidates[0]);
  ASSERT_NE(winner, nullptr);
  EXPECT_EQ(winner->campaign, 1);
  EXPECT_EQ(winner->score, 5);
  ASSERT_EQ(record.selections.size(), 1u);
  EXPECT_EQ(record.selections[0].budget_node, "b/s/1");
  EXPECT_EQ(record.selections[0].held_micros, 1'000'000);
}

TEST_F(Placement, ScoreNotPositive_IsFilteredAtTheScore) {
  Offer({{0, -1}});
  const journal::DecisionRecord record = Run();
  EXPECT_EQ(Outcomes(record), "FILTERED FILTERED");
  EXPECT_EQ(record.candidates[0].gate, Gate::kScore);
  EXPECT_TRUE(record.selections.empty());
}

TEST_F(Placement, BestDoesNotFit_TheNextThatFitsIsTaken) {
  Offer({{1}, {5}});
  conditions_.refusals[1] = {Gate::kBudget, "b/s"};
  const journal::DecisionRecord record = Run();
  EXPECT_EQ(Outcomes(record), "SELECTED FILTERED");
  EXPECT_EQ(record.candidates[1].gate, Gate::kBudget);
  EXPECT_EQ(TextOf(record, record.candidates[1]), "b/s");
}

TEST_F(Placement, TwoPlacements_TakeTwoCampaignsNotTwoOffersOfOne) {
  Offer({{4, 3}, {2}, {1}});
  rules_.placements = 2;
  const journal::DecisionRecord record = Run();
  EXPECT_EQ(Outcomes(record), "SELECTED LOST SELECTED LOST");
  EXPECT_EQ(conditions_.held.size(), 2u);
}

TEST_F(Placement, ExclusivityGroup_AdmitsOne) {
  Offer({{4}, {3}, {2}});
  rules_.placements = 2;
  rules_.campaigns[0].exclusivity_group = rules_.campaigns[1].exclusivity_group = "discounts";
  const journal::DecisionRecord record = Run();
  EXPECT_EQ(Outcomes(record), "SELECTED FILTERED SELECTED");
  EXPECT_EQ(record.candidates[1].gate, Gate::kExclusivity);
}

TEST_F(Placement, GlobalHoldout_LeavesAGhostAndHoldsNoMoney) {
  Offer({{4}, {3}});
  rules_.holdout = {kHashBuckets, "all"};
  const journal::DecisionRecord record = Run();
  EXPECT_EQ(Outcomes(record), "HELD_OUT LOST");
  EXPECT_EQ(record.ghosts.size(), 1u);
  EXPECT_TRUE(record.selections.empty());
  EXPECT_TRUE(conditions_.held.empty());
}

TEST_F(Placement, CampaignHoldout_FallsThroughOrEndsWithNothing) {
  Offer({{4, 3}, {2}});
  rules_.campaigns[0].holdout_share = kHashBuckets;
  EXPECT_EQ(Outcomes(Run()), "HELD_OUT HELD_OUT SELECTED");
  rules_.campaigns[0].holdout_falls_through = false;
  EXPECT_EQ(Outcomes(Run()), "HELD_OUT HELD_OUT LOST");
}

TEST_F(Placement, HoldoutIsDrawnLast_SoABudgetRefusalMakesNoGhost) {
  Offer({{4}});
  rules_.campaigns[0].holdout_share = kHashBuckets;
  conditions_.refusals[0] = {Gate::kBudget, "b"};
  const journal::DecisionRecord record = Run();
  EXPECT_EQ(Outcomes(record), "FILTERED");
  EXPECT_TRUE(record.ghosts.empty());
}

TEST_F(Placement, ServiceMessage_GoesFirstWhateverItsScoreAndHoldout) {
  Offer({{4}, {-2}});
  rules_.campaigns[1].campaign_class = rules::CampaignClass::kService;
  rules_.holdout = {kHashBuckets, "all"};
  EXPECT_EQ(Outcomes(Run()), "LOST SELECTED");
}

TEST_F(Placement, EqualScores_FallBackToPriorityThenIds) {
  Offer({{2}, {2}, {2}});
  EXPECT_EQ(Outcomes(Run()), "SELECTED LOST LOST");
  rules_.campaigns[2].priority = 1;
  EXPECT_EQ(Outcomes(Run()), "LOST LOST SELECTED");
}

TEST_F(Placement, LongestOfHoldAndValidity_SetsTheExpiry) {
  Offer({{2}});
  EXPECT_EQ(Run().selections[0].expires_us, kNow + 15 * 60 * kMicrosPerSecond);
  rules_.campaigns[0].offers[0].valid_days = 14;
  EXPECT_EQ(Run().selections[0].expires_us, kNow + 14 * kMicrosPerDay);
}

TEST(Score, PricesAndLever_EnterAsInTheFormula) {
  rules::Campaign campaign;
  campaign.lever = 2;
  campaign.offers.emplace_back();
  CandidateRecord candidate;
  candidate.offer = 0;
  candidate.gross_value = 5;
  candidate.expected_cost = 1.5;
  candidate.budget_price = 0.25;
  candidate.liability_micros = 8'000'000;
  // 2 · 5 − 1.5 − 0.25 · 8 − 0.5
  EXPECT_DOUBLE_EQ(Score(campaign, 0.5, candidate), 6.0);
  // Held at redemption it is priced by what it is expected to cost.
  campaign.offers[0].reserve = rules::Reserve::kAtRedemption;
  EXPECT_DOUBLE_EQ(Score(campaign, 0.5, candidate), 8 - 0.25 * 1.5);
}

}  // namespace
}  // namespace tenure::decision
