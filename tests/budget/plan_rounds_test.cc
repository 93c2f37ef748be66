#include "server/budget/plan_rounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>
#include <vector>

#include "server/budget/plan_verifier.h"
#include "tests/budget/brute_force.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

void ExpectSamePlan(const PlanResult& a, const PlanResult& b) {
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.choice, b.choice);
  EXPECT_EQ(a.achieved, b.achieved);
  EXPECT_EQ(a.upper_bound, b.upper_bound);
  EXPECT_EQ(a.gap, b.gap);
  EXPECT_EQ(a.price, b.price);
  EXPECT_EQ(a.path_price, b.path_price);
  EXPECT_EQ(a.side_price, b.side_price);
  EXPECT_EQ(a.spend, b.spend);
  EXPECT_EQ(a.side_used, b.side_used);
  EXPECT_EQ(a.unspent, b.unspent);
  EXPECT_EQ(a.proven, b.proven);
}

// What may not be given any more: offers the customer has, and those in a set with one of them.
std::set<size_t> Barred(const PlanInput& input, const std::vector<size_t>& given,
                        const std::vector<std::vector<int32_t>>& once) {
  std::set<size_t> barred;
  const auto has = [](const std::vector<int32_t>& set, int32_t offer) {
    return std::count(set.begin(), set.end(), offer) > 0;
  };
  for (size_t i = 0; i < input.candidates.size(); ++i) {
    const Candidate& its = input.candidates[i];
    for (const size_t at : given) {
      const Candidate& other = input.candidates[at];
      if (other.customer != its.customer) continue;
      if (other.offer == its.offer) barred.insert(i);
      for (const auto& set : once) {
        if (has(set, other.offer) && has(set, its.offer)) barred.insert(i);
      }
    }
  }
  return barred;
}

// Everything given, each piece to somebody else, against the caps of the whole.
void ExpectCapsHold(const PlanInput& input, const std::vector<size_t>& given,
                    const PlanResult& total) {
  PlanInput whole{static_cast<uint32_t>(given.size()), input.nodes, {}, input.side_limits};
  PlanResult sums = total;
  sums.choice.clear();
  for (const size_t at : given) {
    sums.choice.push_back(static_cast<int32_t>(whole.candidates.size()));
    whole.candidates.push_back(input.candidates[at]);
    whole.candidates.back().customer = static_cast<uint32_t>(whole.candidates.size() - 1);
  }
  EXPECT_TRUE(VerifyPlan(whole, sums).ok()) << VerifyPlan(whole, sums);
  if (given.empty()) return;
  whole.candidates[0].charge_micros += 1;  // the verifier does look
  EXPECT_FALSE(VerifyPlan(whole, sums).ok());
}

class TinyRounds : public testing::TestWithParam<TinyKind> {};

TEST_P(TinyRounds, EachRound_IsTheBestGivenThoseBefore) {
  int second = 0;
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const PlanInput input = MakeTinyInstance(seed, GetParam());
    RoundsOptions options{static_cast<int>(1 + seed % 4)};
    if (seed % 3 == 0) options.once = {{0, 1}, {2, 1}};
    const auto plan = SolveRounds(input, options);
    ASSERT_TRUE(plan.ok()) << plan.status();
    const auto alone = Solve(input);
    ASSERT_TRUE(alone.ok());
    ExpectSamePlan(plan->rounds[0], *alone);
    if (options.rounds == 1) ExpectSamePlan(plan->total, *alone);
    if (alone->status == PlanStatus::kInfeasible) {
      EXPECT_EQ(plan->rounds.size(), 1u);
      continue;
    }
    std::vector<size_t> given;
    double sum = 0;
    for (int r = 0; r < options.rounds; ++r) {
      const std::set<size_t> barred = Barred(input, given, options.once);
      const double best = BruteForceAfter(input, given, barred);
      if (r >= static_cast<int>(plan->rounds.size())) {
        ASSERT_EQ(best, 0);
        continue;
      }
      const PlanResult& round = plan->rounds[static_cast<size_t>(r)];
      ASSERT_NEAR(round.achieved, best, 1e-9) << "round " << r;
      ASSERT_GE(round.upper_bound, best * (1 - 1e-12));
      ASSERT_TRUE(round.proven);
      for (const int32_t at : round.choice) {
        if (at < 0) continue;
        ASSERT_FALSE(barred.contains(static_cast<size_t>(at)));
        given.push_back(static_cast<size_t>(at));
        second += r > 0 ? 1 : 0;
      }
      sum += best;
    }
    ASSERT_NEAR(plan->total.achieved, sum, 1e-9);
    ASSERT_TRUE(plan->total.proven);
    ExpectCapsHold(input, given, plan->total);
  }
  EXPECT_GE(second, 300);
}

INSTANTIATE_TEST_SUITE_P(PlanRounds, TinyRounds,
                         testing::Values(TinyKind::kNested, TinyKind::kAcross, TinyKind::kCapped),
                         [](const auto& tiny) {
                           return tiny.param == TinyKind::kNested   ? "Nested"
                                  : tiny.param == TinyKind::kAcross ? "Across"
                                                                    : "Capped";
                         });

// Two customers, two offers each: 4 and 3 worth 10 and 6 for the one, 5 and 2 worth 9 and 5 for
// the other.
PlanInput TwoCustomers(int64_t cap) {
  PlanInput input;
  input.customers = 2;
  input.nodes = {{"total", -1, cap, 0}};
  input.candidates = {{0, 0, 0, 4, 10}, {0, 0, 1, 3, 6}, {1, 0, 0, 5, 9}, {1, 0, 1, 2, 5}};
  return input;
}

TEST(PlanRounds, LaterRounds_TakeNoMoneyFromEarlierOnes) {
  // 4 + 3 + 2 of the nine would be worth 21; the first offers come first and take all of it.
  const auto plan = SolveRounds(TwoCustomers(9), {3});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->rounds.size(), 2u);
  EXPECT_EQ(plan->rounds[0].choice, (std::vector<int32_t>{0, 2}));
  EXPECT_EQ(plan->rounds[1].choice, (std::vector<int32_t>{-1, -1}));
  EXPECT_EQ(plan->total.achieved, 19);
  EXPECT_EQ(plan->total.price, plan->rounds[0].price);
}

TEST(PlanRounds, MoneyLeft_GoesToSecondOffers) {
  const auto plan = SolveRounds(TwoCustomers(12), {2});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->rounds.size(), 2u);
  EXPECT_EQ(plan->rounds[1].choice, (std::vector<int32_t>{1, -1}));
  EXPECT_EQ(plan->rounds[0].spend, (std::vector<int64_t>{9}));
  EXPECT_EQ(plan->rounds[1].spend, (std::vector<int64_t>{3}));
  EXPECT_EQ(plan->total.spend, (std::vector<int64_t>{12}));
  EXPECT_EQ(plan->total.unspent[0], Unspent::kNone);
  EXPECT_EQ(plan->total.achieved, 25);
  EXPECT_EQ(plan->total.choice, (std::vector<int32_t>{0, 2}));
  EXPECT_EQ(plan->total.price, plan->rounds[1].price);
}

TEST(PlanRounds, OffersOfOneSet_AreGivenOnce) {
  const auto plan = SolveRounds(TwoCustomers(100), {5, {{0, 1}}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->total.achieved, 19);
  EXPECT_EQ(plan->total.unspent[0], Unspent::kNoPositiveSlope);
  EXPECT_EQ(SolveRounds(TwoCustomers(100), {5})->total.achieved, 30);
}

TEST(PlanRounds, AfterStop_NothingIsPlannedFromWhatIsLeft) {
  const std::atomic<bool> cancel = true;
  PlanOptions options;
  options.cancel = &cancel;
  const auto plan = SolveRounds(TwoCustomers(100), {2}, options);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->rounds.size(), 1u);
  EXPECT_TRUE(plan->total.stopped);
}

TEST(PlanRounds, NoRounds_IsInvalid) {
  EXPECT_EQ(SolveRounds(TwoCustomers(9), {0}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PlanRounds, ManyCustomers_GetMoreFromWhatIsLeftWithinEveryCap) {
  PlanInput input = MakeCampaignInstance(60'000, 1);
  for (PlanNode& node : input.nodes) node.cap_micros *= 16;
  const auto plan = SolveRounds(input, {3});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->rounds.size(), 3u);
  std::vector<size_t> given;
  for (const PlanResult& round : plan->rounds) {
    EXPECT_GT(round.achieved, 0);
    EXPECT_LE(round.gap, 1e-2);
    for (const int32_t at : round.choice) {
      if (at >= 0) given.push_back(static_cast<size_t>(at));
    }
  }
  std::set<std::pair<uint32_t, int32_t>> pairs;
  for (const size_t at : given) {
    pairs.emplace(input.candidates[at].customer, input.candidates[at].offer);
  }
  EXPECT_EQ(pairs.size(), given.size());
  ExpectCapsHold(input, given, plan->total);
}

}  // namespace
}  // namespace tenure::budget
