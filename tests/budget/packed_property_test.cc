// What holds for every packed plan, over random instances.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/budget/packed_planner.h"
#include "server/budget/packed_verifier.h"
#include "server/budget/packing.h"
#include "server/budget/plan_affordable.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

// The input's packed plan, and its choices as positions in PlanInput::candidates.
struct Planned {
  PackedResult result;
  std::vector<int32_t> choice;
};

Planned PlanPacked(const PlanInput& input, const PackedOptions& options = {}) {
  Planned planned;
  auto problem = BuildPlanProblem(input);
  EXPECT_TRUE(problem.ok()) << problem.status();
  if (FindFloorConflict(input, *problem).empty()) DropWhatNeverFits(&*problem);
  const std::optional<Packing> packing = Pack(input.nodes, *problem);
  EXPECT_TRUE(packing.has_value());
  const auto result = SolvePacked(packing->input, options);
  EXPECT_TRUE(result.ok()) << result.status();
  planned.result = *result;
  planned.choice.assign(input.customers, -1);
  for (uint32_t customer = 0; customer < input.customers; ++customer) {
    const uint32_t place = packing->place[customer];
    if (place == Packing::kNoPlace || result->choice[place] == 0) continue;
    planned.choice[customer] =
        problem->source[problem->first[customer] + result->choice[place] - 1u];
  }
  return planned;
}

// Whatever the planner says of itself: caps in plain integers, floors reserved.
void ExpectWithinCaps(const PlanInput& input, const std::vector<int32_t>& choice) {
  std::vector<int64_t> taken(input.nodes.size(), 0);
  for (const int32_t position : choice) {
    if (position < 0) continue;
    const Candidate& chosen = input.candidates[static_cast<size_t>(position)];
    taken[static_cast<size_t>(chosen.node)] += chosen.charge_micros;
  }
  // Parents stand before their children in these instances.
  for (size_t node = input.nodes.size(); node-- > 0;) {
    ASSERT_LE(taken[node], input.nodes[node].cap_micros) << input.nodes[node].id;
    if (input.nodes[node].parent < 0) continue;
    taken[static_cast<size_t>(input.nodes[node].parent)] +=
        std::max(taken[node], input.nodes[node].floor_micros);
  }
}

// Ties, offers that cost nothing or more than the budget, empty segments, negative values only,
// budgets of zero, floors. Halves of instances have values that are no floats.
TEST(PackedTinyInstances, TenThousand_ReachTheBruteForceOptimum) {
  int solved = 0;
  for (uint64_t seed = 1; seed <= 10'000; ++seed) {
    PlanInput input = MakeTinyInstance(seed, TinyKind::kNested);
    const bool floats = seed % 2 == 0;
    for (Candidate& candidate : input.candidates) {
      if (floats) candidate.value = static_cast<double>(static_cast<float>(candidate.value));
    }
    const Planned planned = PlanPacked(input);
    const PackedResult& result = planned.result;
    if (result.status == PlanStatus::kInfeasible) continue;
    ++solved;
    ExpectWithinCaps(input, planned.choice);
    const double best = BruteForce(input);
    ASSERT_NEAR(result.achieved, best, floats ? 1e-9 : 1e-6 * best) << "seed " << seed;
    ASSERT_GE(result.upper_bound, best * (1 - 1e-12)) << "seed " << seed;
    if (floats && input.nodes[0].cap_micros == 0 && best == 0) {
      ASSERT_EQ(result.gap, 0) << "seed " << seed;
    }
    if (floats) {
      ASSERT_TRUE(result.proven) << "seed " << seed;
      const auto whole = Solve(input);
      ASSERT_TRUE(whole.ok());
      ASSERT_NEAR(result.upper_bound, whole->upper_bound, 1e-11) << "seed " << seed;
    }
  }
  EXPECT_GE(solved, 8'000);
}

TEST(PackedTinyInstances, EitherCodeAndAnyThreads_GiveTheSameBits) {
  for (uint64_t seed = 1; seed <= 1'000; ++seed) {
    const PlanInput input = MakeTinyInstance(seed, TinyKind::kNested);
    const Planned portable = PlanPacked(input, {.code = SweepCode::kPortable});
    for (const int threads : {1, 3}) {
      const Planned best = PlanPacked(input, {.threads = threads});
      ASSERT_EQ(best.choice, portable.choice) << "seed " << seed;
      ASSERT_EQ(best.result.upper_bound, portable.result.upper_bound) << "seed " << seed;
      ASSERT_EQ(best.result.path_price, portable.result.path_price) << "seed " << seed;
    }
  }
}

TEST(PackedPlan, AnyRowOrder_GivesTheSamePlan) {
  for (const uint32_t customers : {200u, 60'000u}) {
    const PlanInput input = MakeCampaignInstance(customers, 6);
    PlanInput shuffled = input;
    Random random(customers);
    for (size_t i = shuffled.candidates.size() - 1; i > 0; --i) {
      std::swap(shuffled.candidates[i], shuffled.candidates[random.Below(i + 1)]);
    }
    const Planned a = PlanPacked(input);
    const Planned b = PlanPacked(shuffled);
    EXPECT_EQ(a.result.achieved, b.result.achieved);
    EXPECT_EQ(a.result.upper_bound, b.result.upper_bound);
    EXPECT_EQ(a.result.path_price, b.result.path_price);
    EXPECT_EQ(a.result.choice, b.result.choice);
  }
}

// Floats round scaled values anew: then the last ten-millionth may differ.
TEST(PackedPlan, OtherUnits_ChangeNothingElse) {
  for (const uint32_t customers : {200u, 60'000u}) {
    const PlanInput input = MakeCampaignInstance(customers, 7);
    const Planned expected = PlanPacked(input);
    PlanInput scaled = input;
    for (PlanNode& node : scaled.nodes) node.cap_micros *= 1'000;
    for (Candidate& candidate : scaled.candidates) {
      candidate.charge_micros *= 1'000;
      candidate.value *= 1e-6;
    }
    const Planned planned = PlanPacked(scaled);
    EXPECT_NEAR(planned.result.achieved, expected.result.achieved * 1e-6,
                2e-7 * 1e-6 * expected.result.achieved);
    EXPECT_NEAR(planned.result.upper_bound, expected.result.upper_bound * 1e-6,
                1e-7 * 1e-6 * expected.result.upper_bound);
    EXPECT_NEAR(planned.result.gap, expected.result.gap, 2e-7);
    size_t same = 0;
    for (size_t i = 0; i < planned.choice.size(); ++i) {
      same += planned.choice[i] == expected.choice[i] ? 1 : 0;
    }
    EXPECT_GE(same + planned.choice.size() / 1'000 + 10, planned.choice.size());
  }
}

TEST(PackedPlan, DeadlineAtAnyMoment_LeavesAFeasiblePlanWithItsGap) {
  const PlanInput input = MakeCampaignInstance(60'000, 9);
  const Planned whole = PlanPacked(input);
  const auto problem = BuildPlanProblem(input);
  ASSERT_TRUE(problem.ok());
  const std::optional<Packing> packing = Pack(input.nodes, *problem);
  ASSERT_TRUE(packing.has_value());
  int stopped = 0;
  for (int64_t after_us = 0; after_us < 200'000; after_us = after_us * 3 / 2 + 500) {
    const auto result = SolvePacked(packing->input, {.deadline_us = MonotonicUs() + after_us});
    ASSERT_TRUE(result.ok()) << result.status();
    stopped += result->stopped ? 1 : 0;
    EXPECT_TRUE(VerifyPacked(packing->input, *result, 1).ok());
    EXPECT_GE(result->upper_bound, whole.result.achieved) << "after " << after_us << " us";
    EXPECT_NEAR(result->gap, 1 - result->achieved / result->upper_bound, 1e-12);
    EXPECT_LE(result->gap, 0.1) << "after " << after_us << " us";
  }
  EXPECT_GE(stopped, 1);
}

TEST(Packing, WhatDoesNotFit_IsNotPacked) {
  const auto packs = [](auto change) {
    PlanInput input = MakeCampaignInstance(10, 1);
    change(&input);
    const auto problem = BuildPlanProblem(input);
    EXPECT_TRUE(problem.ok()) << problem.status();
    return Pack(input.nodes, *problem).has_value();
  };
  EXPECT_TRUE(packs([](PlanInput*) {}));
  EXPECT_FALSE(packs([](PlanInput* i) { i->side_limits = {{"s", {}, 5, {1}}}; }));
  EXPECT_FALSE(packs([](PlanInput* i) {
    for (Candidate& candidate : i->candidates) candidate.value = std::abs(candidate.value);
    i->candidates[1].node = 2;
  }));
  EXPECT_FALSE(packs([](PlanInput* i) { i->candidates[0] = {0, 1, 0, 1, 1e39}; }));
  // A micro beside 2,200 units: no common unit is large enough.
  EXPECT_FALSE(packs([](PlanInput* i) {
    i->candidates[0] = {0, 1, 0, 1, 1};
    i->candidates[1] = {0, 1, 1, 2'200'000'000, 2};
  }));
}

// Solve() packs large plans itself.
TEST(Planner, ManyCustomers_GetThePackedPlan) {
  const PlanInput input = MakeCampaignInstance(60'000, 2);
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok()) << result.status();
  const Planned packed = PlanPacked(input);
  EXPECT_EQ(result->choice, packed.choice);
  EXPECT_EQ(result->upper_bound, packed.result.upper_bound);
  EXPECT_NEAR(result->achieved, packed.result.achieved, 1e-12 * result->achieved);
  EXPECT_EQ(result->spend, packed.result.spend);
  PlanOptions options;
  options.start_prices = result->path_price;
  options.threads = 2;
  const auto warm = Solve(input, options);
  ASSERT_TRUE(warm.ok()) << warm.status();
  for (size_t node = 0; node < input.nodes.size(); ++node) {
    EXPECT_NEAR(warm->path_price[node], result->path_price[node], 1e-12);
  }
  options.start_prices = {1};
  EXPECT_FALSE(Solve(input, options).ok());
}

}  // namespace
}  // namespace tenure::budget
