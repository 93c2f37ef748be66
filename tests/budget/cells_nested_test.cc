// Cells under groups nested in each other, with floors, and under limits across them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/budget/cells.h"
#include "server/budget/cells_verifier.h"

namespace tenure::budget {
namespace {

using Kind = ResponseCurve::Kind;

constexpr int64_t kUnit = 1'000'000;

CellsInput Roots(const std::vector<double>& a, int64_t budget) {
  CellsInput input;
  input.budget_micros = budget * kUnit;
  for (const double scale : a) {
    input.cells.push_back({absl::StrCat("c", input.cells.size()), {Kind::kSqrt, scale, 1, 1, {}}});
  }
  return input;
}

// A campaign of at most 4 in a segment of at most 20 in 100. Slopes a/(2√x): 0.75, 0.5, 0.2795.
TEST(CellsNested, CampaignInASegment_EachHasItsOwnPrice) {
  CellsInput input = Roots({3, 4, 5}, 100);
  input.groups = {{"campaign", 4 * kUnit, 1}, {"segment", 20 * kUnit}};
  input.cells[0].group = 0;
  input.cells[1].group = 1;
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->amount, testing::ElementsAre(4 * kUnit, 16 * kUnit, 80 * kUnit));
  EXPECT_NEAR(result->achieved, 6 + 16 + 5 * std::sqrt(80.0), 1e-9);
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
  const double total = 5 / (2 * std::sqrt(80.0));
  EXPECT_NEAR(result->price, total, 1e-9);
  EXPECT_NEAR(result->group_price[1], 0.5 - total, 1e-9);
  EXPECT_NEAR(result->group_price[0], 0.25, 1e-9);
}

TEST(CellsNested, Floor_ReservesAndItsPriceIsNegative) {
  CellsInput input = Roots({3, 4}, 25);
  input.groups = {{"g", kUncapped, -1, 20 * kUnit}};
  input.cells[0].group = 0;
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->amount, testing::ElementsAre(20 * kUnit, 5 * kUnit));
  EXPECT_NEAR(result->achieved, 10 * std::sqrt(5.0), 1e-9);
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
  EXPECT_NEAR(result->group_price[0], 3 / (2 * std::sqrt(20.0)) - 4 / (2 * std::sqrt(5.0)), 1e-9);
}

// Nothing below the floor is worth more than 10: the other 5 stay reserved, and are not forced.
TEST(CellsNested, FloorAboveWhatIsWorthIt_IsNotSpent) {
  CellsInput input = Roots({1, 4}, 25);
  input.cells[0].curve.kind = Kind::kPiecewiseLinear;
  input.cells[0].curve.pieces = {{10, 2}};
  input.groups = {{"g", kUncapped, -1, 15 * kUnit}};
  input.cells[0].group = 0;
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->amount, testing::ElementsAre(10 * kUnit, 10 * kUnit));
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
}

TEST(CellsNested, LimitAcross_IsAsGoodAsTheGroupOfTheSameCells) {
  CellsInput input = Roots({3, 4, 5}, 100);
  input.limits = {{"channel", 25 * kUnit, {1, 0}}};
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NEAR(result->achieved, 68.301270189, 1e-8);
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
  EXPECT_NEAR(result->price, 0.288675, 1e-6);
  EXPECT_NEAR(result->limit_price[0], 0.211325, 1e-6);
}

TEST(CellsNested, MinimaAndFloorsThatDontFit_NameTheNode) {
  CellsInput input = Roots({3, 4}, 25);
  input.groups = {{"campaign", 30 * kUnit, 1, 21 * kUnit}, {"segment", 20 * kUnit}};
  input.cells[0].group = 0;
  auto result = SolveCells(input);
  ASSERT_EQ(result->status, PlanStatus::kInfeasible);
  EXPECT_EQ(result->conflict->node, "segment");
  EXPECT_EQ(result->conflict->floors_micros, 21 * kUnit);
  EXPECT_EQ(result->conflict->cap_micros, 20 * kUnit);
  input.groups[1].cap_micros = 21 * kUnit;
  input.cells[1].min_micros = 5 * kUnit;
  result = SolveCells(input);
  ASSERT_EQ(result->status, PlanStatus::kInfeasible);
  EXPECT_EQ(result->conflict->node, "total");
  input.cells[1].min_micros = 4 * kUnit;
  input.limits = {{"channel", 3 * kUnit, {1}}};
  EXPECT_EQ(SolveCells(input)->conflict->node, "channel");
}

TEST(CellsNested, MalformedGroupsAndLimits_NameTheField) {
  const auto refusal = [](auto change) {
    CellsInput input = Roots({3, 4}, 25);
    input.groups = {{"s", 20 * kUnit}, {"t", 20 * kUnit, 0}};
    input.limits = {{"l", 20 * kUnit, {0}}, {"m", 20 * kUnit, {1}}};
    EXPECT_TRUE(SolveCells(input).ok());
    change(&input);
    const absl::Status status = SolveCells(input).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  using testing::StartsWith;
  EXPECT_THAT(refusal([](CellsInput* in) { in->groups[0].parent = 1; }),
              StartsWith("groups[0].parent: the groups above form a cycle"));
  EXPECT_THAT(refusal([](CellsInput* in) { in->groups[1].parent = 2; }),
              StartsWith("groups[1].parent: is not a position"));
  EXPECT_THAT(refusal([](CellsInput* in) { in->groups[1].id = "s"; }),
              StartsWith("groups[1].id: 's' stands twice"));
  EXPECT_THAT(refusal([](CellsInput* in) { in->groups[1].cap_micros = -1; }),
              StartsWith("groups[1].cap_micros: is negative"));
  EXPECT_THAT(refusal([](CellsInput* in) { in->groups[1].floor_micros = 21 * kUnit; }),
              StartsWith("groups[1].floor_micros: needs"));
  EXPECT_THAT(refusal([](CellsInput* in) { in->limits[1].id = "l"; }),
              StartsWith("limits[1].id: 'l' stands twice"));
  EXPECT_THAT(refusal([](CellsInput* in) { in->limits[0].cells = {2}; }),
              StartsWith("limits[0].cells: names what is no position"));
  EXPECT_THAT(refusal([](CellsInput* in) {
                in->limits[0].cells = {1, 1};
              }),
              StartsWith("limits[0].cells: names a cell twice"));
  EXPECT_THAT(refusal([](CellsInput* in) { in->limits[0].cap_micros = -1; }),
              StartsWith("limits[0].cap_micros: is negative"));
}

// A random forest of groups, some with caps and floors, and with `limits` limits across.
CellsInput Draw(uint64_t seed, size_t limits) {
  Random random(seed);
  CellsInput input;
  input.budget_micros = static_cast<int64_t>(kUnit + random.Below(60 * kUnit));
  const uint64_t groups = random.Below(6);
  for (uint64_t g = 0; g < groups; ++g) {
    CellGroup group;
    group.id = absl::StrCat("g", g);
    group.parent = static_cast<int32_t>(random.Below(g + 1)) - 1;
    if (random.Below(3) > 0) group.cap_micros = static_cast<int64_t>(random.Below(30 * kUnit));
    if (random.Below(4) == 0) {
      const auto most = static_cast<uint64_t>(std::min(group.cap_micros, 6 * kUnit));
      group.floor_micros = static_cast<int64_t>(random.Below(most + 1));
    }
    input.groups.push_back(group);
  }
  const uint64_t cells = 1 + random.Below(12);
  for (uint64_t i = 0; i < cells; ++i) {
    Cell cell;
    cell.id = absl::StrCat("c", i);
    cell.curve.kind = static_cast<Kind>(random.Below(4));
    cell.curve.a = 0.2 + 4 * random.Uniform();
    cell.curve.b = 0.5 + 2 * random.Uniform();
    if (random.Below(4) == 0) cell.max_micros = static_cast<int64_t>(random.Below(9 * kUnit));
    cell.group = static_cast<int32_t>(random.Below(groups + 1)) - 1;
    input.cells.push_back(cell);
  }
  for (size_t l = 0; l < limits; ++l) {
    CellLimit limit{absl::StrCat("l", l), static_cast<int64_t>(random.Below(20 * kUnit)), {}};
    for (uint64_t i = 0; i < cells; ++i) {
      if (random.Below(2) == 0) limit.cells.push_back(static_cast<int32_t>(i));
    }
    input.limits.push_back(limit);
  }
  return input;
}

TEST(CellsNested, RandomTrees_AreSolvedToTheirMicros) {
  int solved = 0;
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    const CellsInput input = Draw(seed, 0);
    const auto result = SolveCells(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    if (result->status == PlanStatus::kInfeasible) continue;
    ++solved;
    // What a micro more or less in every cell can bring where slopes are steep.
    ASSERT_LE(result->upper_bound - result->achieved, 2e-6 * (1 + result->achieved))
        << "seed " << seed;
    ASSERT_GE(result->upper_bound, result->achieved) << "seed " << seed;
  }
  EXPECT_GT(solved, 1'000);
}

TEST(CellsNested, RandomLimitsAcross_HoldAndAreCertified) {
  int solved = 0, tight = 0;
  double worst = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    const CellsInput input = Draw(seed, 1 + seed % 3);
    const auto result = SolveCells(input);  // verified before it is handed out
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    if (result->status == PlanStatus::kInfeasible) continue;
    ++solved;
    worst = std::max(worst, result->gap);
    if (result->upper_bound - result->achieved <= 1e-5 * (1 + result->achieved)) ++tight;
    ASSERT_GE(result->upper_bound, result->achieved) << "seed " << seed;
  }
  EXPECT_GT(solved, 250);
  EXPECT_GE(tight, solved * 95 / 100) << "worst gap " << worst;
}

// The amounts are verified before they are handed out; here no envelope makes a worse split.
TEST(CellsNested, SShapedUnderGroupsAndLimits_AreBoundedAndNoWorseThanConcaveOnes) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CellsInput input = Draw(seed, seed % 3);
    for (size_t i = 0; i < input.cells.size(); i += 3) {
      input.cells[i].curve.kind = Kind::kHill;
      input.cells[i].curve.n = 1.5 + static_cast<double>(i % 4);
    }
    const auto result = SolveCells(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    if (result->status == PlanStatus::kInfeasible) continue;
    ASSERT_GE(result->upper_bound, result->achieved) << "seed " << seed;
    for (size_t i = 0; i < input.cells.size(); i += 3) input.cells[i].max_micros = 0;
    const auto without = SolveCells(input);
    ASSERT_GE(result->achieved, without->achieved * (1 - 1e-4) - 1e-4) << "seed " << seed;
  }
}

// Whenever it is stopped there is a split that keeps every limit, with its gap: both are verified
// before it is handed out.
TEST(CellsNested, StoppedAtOnce_HasASplitThatHoldsAndItsGap) {
  const std::atomic<bool> cancel = true;
  CellsOptions by_cancel, by_deadline;
  by_cancel.cancel = &cancel;
  by_deadline.deadline_us = MonotonicUs();
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CellsInput input = Draw(seed, 3);
    input.cells[0].curve.kind = Kind::kHill;
    input.cells[0].curve.n = 2;
    const auto all = SolveCells(input);
    for (const CellsOptions& options : {by_cancel, by_deadline}) {
      const auto result = SolveCells(input, options);
      ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
      if (result->status == PlanStatus::kInfeasible) continue;
      ASSERT_TRUE(result->stopped) << "seed " << seed;
      ASSERT_FALSE(all->stopped) << "seed " << seed;
      ASSERT_EQ(result->amount.size(), input.cells.size()) << "seed " << seed;
      ASSERT_GE(result->upper_bound, all->achieved * (1 - 1e-12)) << "seed " << seed;
      ASSERT_LE(result->achieved, all->upper_bound * (1 + 1e-12)) << "seed " << seed;
    }
  }
}

TEST(CellsNested, AnyOrderOfGroups_GivesTheSame) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const CellsInput input = Draw(seed, seed % 2);
    const auto expected = SolveCells(input);
    ASSERT_TRUE(expected.ok()) << "seed " << seed;
    CellsInput reversed = input;
    const auto last = static_cast<int32_t>(input.groups.size()) - 1;
    std::reverse(reversed.groups.begin(), reversed.groups.end());
    for (CellGroup& group : reversed.groups) {
      if (group.parent >= 0) group.parent = last - group.parent;
    }
    for (Cell& cell : reversed.cells) {
      if (cell.group >= 0) cell.group = last - cell.group;
    }
    const auto result = SolveCells(reversed);
    ASSERT_TRUE(result.ok()) << "seed " << seed;
    ASSERT_EQ(result->amount, expected->amount) << "seed " << seed;
  }
}

TEST(CellsNested, OneMicroMore_IsFoundByTheVerifier) {
  int broken = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const CellsInput input = Draw(seed, 1);
    const auto result = SolveCells(input);
    if (!result.ok() || result->status == PlanStatus::kInfeasible) continue;
    // Every envelope that is full, found by lowering its cap by a micro.
    for (size_t g = 0; g < input.groups.size(); ++g) {
      CellsInput less = input;
      if (less.groups[g].cap_micros <= less.groups[g].floor_micros) continue;
      --less.groups[g].cap_micros;
      broken += VerifyCells(less, *result).ok() ? 0 : 1;
    }
    CellsInput less = input;
    less.limits[0].cap_micros -= 1;
    broken += VerifyCells(less, *result).ok() ? 0 : 1;
  }
  EXPECT_GT(broken, 100);
}

}  // namespace
}  // namespace tenure::budget
