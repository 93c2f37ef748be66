// What a plan does not depend on: the order of rows, the unit of money, the unit of value.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/base/random.h"
#include "server/budget/planner.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

constexpr TinyKind kKinds[] = {TinyKind::kNested, TinyKind::kAcross, TinyKind::kCapped};
constexpr uint64_t kInstances = 300;  // of every kind

// Whole numbers throughout, a thousand times a tiny instance's, so that money and values stay
// exact whatever 10^-3 to 10^3 they are multiplied by.
PlanInput Scaled(uint64_t seed, TinyKind kind, int money, int value) {
  const auto scale = [](int power) { return std::llround(std::pow(10.0, 3 + power)); };
  PlanInput input = MakeTinyInstance(seed, kind);
  for (PlanNode& node : input.nodes) {
    if (node.cap_micros != kUncapped) node.cap_micros *= scale(money);
    node.floor_micros *= scale(money);
  }
  for (Candidate& candidate : input.candidates) {
    candidate.charge_micros *= scale(money);
    candidate.value = std::round(candidate.value * 1e3) * static_cast<double>(scale(value));
  }
  for (SideLimit& side : input.side_limits) {
    if (side.measure == SideLimit::Measure::kChargeMicros) side.cap *= scale(money);
  }
  return input;
}

TEST(PlanInvariance, AnyRowOrder_GivesTheSameChoices) {
  for (const TinyKind kind : kKinds) {
    for (uint64_t seed = 1; seed <= kInstances; ++seed) {
      const PlanInput input = MakeTinyInstance(seed, kind);
      const auto expected = Solve(input);
      ASSERT_TRUE(expected.ok()) << "seed " << seed;
      PlanInput shuffled = input;
      Random random(seed);
      for (size_t i = shuffled.candidates.size(); i-- > 1;) {
        std::swap(shuffled.candidates[i], shuffled.candidates[random.Below(i + 1)]);
      }
      const auto result = Solve(shuffled);
      ASSERT_TRUE(result.ok()) << "seed " << seed;
      ASSERT_EQ(result->status, expected->status) << "seed " << seed;
      for (uint32_t customer = 0; customer < input.customers; ++customer) {
        const auto offer = [customer](const PlanInput& of, const PlanResult& plan) {
          const int32_t at = plan.choice[customer];
          return at < 0 ? -1 : of.candidates[static_cast<size_t>(at)].offer;
        };
        ASSERT_EQ(offer(shuffled, *result), offer(input, *expected)) << "seed " << seed;
      }
    }
  }
}

TEST(PlanInvariance, OtherUnitsOfMoneyAndValue_GiveTheSameChoices) {
  for (const TinyKind kind : kKinds) {
    for (uint64_t seed = 1; seed <= kInstances; ++seed) {
      const auto expected = Solve(Scaled(seed, kind, 0, 0));
      ASSERT_TRUE(expected.ok()) << "seed " << seed;
      for (int k = -3; k <= 3; ++k) {
        for (const auto& [money, value] : {std::pair(k, 0), std::pair(0, k), std::pair(k, k)}) {
          const auto result = Solve(Scaled(seed, kind, money, value));
          ASSERT_TRUE(result.ok()) << "seed " << seed;
          ASSERT_EQ(result->choice, expected->choice)
              << "seed " << seed << " kind " << static_cast<int>(kind) << " money 10^" << money
              << " value 10^" << value;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tenure::budget
