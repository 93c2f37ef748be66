// Cells of straight pieces under floors: every split against the best of all in whole units, which
// is the best there is where ends, caps and floors are whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/random.h"
#include "server/budget/cells.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

using Kind = ResponseCurve::Kind;

constexpr int64_t kUnit = 1'000'000;
constexpr double kNever = -std::numeric_limits<double>::infinity();

Cell Line(const std::string& id, double to, double slope, int32_t group = -1) {
  return {id, {Kind::kPiecewiseLinear, 1, 1, 1, {{to, slope}}}, 0, kUncapped, group};
}

// By units, the best of a part with so much, and of another with the rest.
std::vector<double> Together(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> both(a.size(), kNever);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; i + j < b.size(); ++j) both[i + j] = std::max(both[i + j], a[i] + b[j]);
  }
  return both;
}

// The best value of the cells below a group (-1: the budget) by what it takes in whole units.
std::vector<double> BestOf(const CellsInput& input, int32_t group) {
  const auto units = static_cast<size_t>(input.budget_micros / kUnit);
  std::vector<double> best(units + 1, kNever);
  best[0] = 0;
  for (const Cell& cell : input.cells) {
    if (cell.group != group) continue;
    std::vector<double> its(units + 1, kNever);
    for (size_t x = 0; x <= units; ++x) {
      const int64_t micros = static_cast<int64_t>(x) * kUnit;
      if (micros < cell.min_micros || micros > cell.max_micros) continue;
      its[x] = CurveValue(cell.curve, static_cast<double>(x));
    }
    best = Together(best, its);
  }
  for (size_t g = 0; g < input.groups.size(); ++g) {
    if (input.groups[g].parent == group) best = Together(best, BestOf(input, static_cast<int>(g)));
  }
  if (group < 0) return best;
  const CellGroup& its = input.groups[static_cast<size_t>(group)];
  for (size_t x = 0; x <= units; ++x) {
    const int64_t micros = static_cast<int64_t>(x) * kUnit;
    if (micros > its.cap_micros) best[x] = kNever;
    if (micros >= its.floor_micros) continue;
    const auto floor = static_cast<size_t>(its.floor_micros / kUnit);
    if (floor <= units) best[floor] = std::max(best[floor], best[x]);
    best[x] = kNever;
  }
  return best;
}

double Best(const CellsInput& input) {
  const std::vector<double> best = BestOf(input, -1);
  return *std::max_element(best.begin(), best.end());
}

TEST(CellsFloors, TwoFloorsThatUseUpTheTotal_AreFilledByTheirOwnCells) {
  CellsInput input;
  input.budget_micros = 10 * kUnit;
  input.groups = {{"s", kUncapped, -1, 6 * kUnit}, {"t", kUncapped, -1, 4 * kUnit}};
  input.cells = {Line("a", 20, 2, 0), Line("b", 20, 1, 1)};
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->amount, testing::ElementsAre(6 * kUnit, 4 * kUnit));
  EXPECT_DOUBLE_EQ(result->achieved, 16);
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
}

TEST(CellsFloors, CellsBelowAFloor_LeaveWhatItDoesNotReserveToDearerOnes) {
  CellsInput input;
  input.budget_micros = 100 * kUnit;
  input.groups = {{"s", kUncapped, -1, 60 * kUnit}, {"t"}};
  input.cells = {Line("a", 50, 2, 0), Line("b", 50, 2, 0), Line("c", 99, 9, 1)};
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->amount, testing::ElementsAre(50 * kUnit, 10 * kUnit, 40 * kUnit));
  EXPECT_DOUBLE_EQ(result->achieved, 480);
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
}

TEST(CellsFloors, FloorInsideAFloor_IsFilledBeforeTheOuterOne) {
  CellsInput input;
  input.budget_micros = 20 * kUnit;
  input.groups = {{"outer", kUncapped, -1, 12 * kUnit}, {"inner", kUncapped, 0, 5 * kUnit}};
  input.cells = {Line("a", 99, 1, 1), Line("b", 99, 2, 0), Line("c", 99, 3)};
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->amount, testing::ElementsAre(5 * kUnit, 7 * kUnit, 8 * kUnit));
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
}

// What caps hold back is worth more than the price outside: it must not go by ids.
TEST(CellsFloors, CellsBelowACap_GetItBeforeCheaperOnesOfLowerIds) {
  CellsInput input;
  input.budget_micros = 12 * kUnit;
  input.groups = {{"g", 5 * kUnit}};
  input.cells = {Line("a", 99, 1), Line("b", 99, 4, 0)};
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->amount, testing::ElementsAre(7 * kUnit, 5 * kUnit));
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
}

TEST(CellsFloors, ConcaveCellsUnderFloorsThatReserveAll_SpendItToTheMicro) {
  CellsInput input;
  input.budget_micros = 60 * kUnit;
  input.groups = {{"s", kUncapped, -1, 37 * kUnit}, {"t", kUncapped, -1, 23 * kUnit}};
  input.cells = {{"a", {Kind::kLog, 3, 1, 1, {}}, 0, kUncapped, 0},
                 {"b", {Kind::kSqrt, 2, 1, 1, {}}, 0, kUncapped, 0},
                 {"c", {Kind::kLog, 5, 2, 1, {}}, 0, kUncapped, 1},
                 {"d", {Kind::kSqrt, 1, 1, 1, {}}, 0, kUncapped, 1}};
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->amount[0] + result->amount[1], 37 * kUnit);
  EXPECT_EQ(result->amount[2] + result->amount[3], 23 * kUnit);
  EXPECT_LE(result->gap, 1e-12);
}

// Whole ends, caps, floors and total; floors that reserve all of it in every third draw.
CellsInput Draw(uint64_t seed) {
  Random random(seed);
  CellsInput input;
  const uint64_t total = random.Below(40);
  input.budget_micros = static_cast<int64_t>(total) * kUnit;
  const uint64_t groups = random.Below(6);
  uint64_t left = total;
  for (uint64_t g = 0; g < groups; ++g) {
    CellGroup group;
    group.id = absl::StrCat("g", g);
    group.parent = random.Below(2) == 0 ? -1 : static_cast<int32_t>(random.Below(g + 1)) - 1;
    const bool rest = seed % 3 == 0 && g + 1 == groups;
    const uint64_t floor = rest ? left : random.Below(2) * random.Below(left + 1);
    if (group.parent < 0) left -= floor;
    group.floor_micros = static_cast<int64_t>(floor) * kUnit;
    if (random.Below(2) == 0) {
      group.cap_micros = group.floor_micros + static_cast<int64_t>(random.Below(12)) * kUnit;
    }
    input.groups.push_back(group);
  }
  const uint64_t cells = 1 + random.Below(9);
  for (uint64_t i = 0; i < cells; ++i) {
    Cell cell =
        Line(absl::StrCat("c", i), 1, 0, static_cast<int32_t>(random.Below(groups + 1)) - 1);
    cell.curve.pieces.clear();
    uint64_t to = 0;
    for (uint64_t slope = 1 + random.Below(6); slope > 0; slope = random.Below(slope)) {
      to += 1 + random.Below(15);
      cell.curve.pieces.emplace_back(to, slope);
    }
    if (random.Below(4) == 0) cell.max_micros = static_cast<int64_t>(random.Below(9)) * kUnit;
    if (random.Below(6) == 0) {
      cell.min_micros = std::min(cell.max_micros, static_cast<int64_t>(random.Below(3)) * kUnit);
    }
    input.cells.push_back(cell);
  }
  return input;
}

TEST(CellsFloors, RandomStraightPiecesUnderTrees_AreAsGoodAsTheBestOfAllSplits) {
  int solved = 0;
  for (uint64_t seed = 1; seed <= 3'000; ++seed) {
    const CellsInput input = Draw(seed);
    const double best = Best(input);
    const auto result = SolveCells(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    ASSERT_EQ(result->status == PlanStatus::kInfeasible, best == kNever) << "seed " << seed;
    if (result->status == PlanStatus::kInfeasible) continue;
    ++solved;
    EXPECT_NEAR(result->achieved, best, 1e-9 * (1 + best)) << "seed " << seed;
    EXPECT_LE(result->gap, 1e-12) << "seed " << seed;
  }
  EXPECT_GT(solved, 1'500);
}

// V is straight between whole totals, so that the slope at one is what the next whole unit brings.
TEST(CellsFloors, RandomStraightPiecesUnderTrees_HaveThePriceOfOneMoreUnit) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    CellsInput input = Draw(seed);
    const auto result = SolveCells(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    if (result->status == PlanStatus::kInfeasible) continue;
    const double before = Best(input);
    input.budget_micros += kUnit;
    EXPECT_NEAR(result->price, Best(input) - before, 1e-9) << "seed " << seed;
  }
}

// What whole micros may cost: slopes on both sides of an amount differ.
double OfAMicro(const CellsInput& input, const CellsResult& result) {
  double most = 0;
  for (size_t i = 0; i < input.cells.size(); ++i) {
    const ResponseCurve& curve = input.cells[i].curve;
    if (curve.kind == Kind::kPiecewiseLinear) continue;
    const double x = UnitsFromMicros(result.amount[i]);
    const double less = CurveSlope(curve, std::max(0.0, x - 1e-6));
    most += std::min(less - CurveSlope(curve, x + 1e-6), 1e3) * 1e-6;
  }
  return most;
}

// The same with one cell in two of a smooth kind: no grid has their best, the bound proves it.
TEST(CellsFloors, RandomMixedKindsUnderTrees_AreProvenToTheirMicros) {
  for (uint64_t seed = 1; seed <= 3'000; ++seed) {
    CellsInput input = Draw(seed);
    Random random(seed);
    for (Cell& cell : input.cells) {
      if (random.Below(2) == 0) continue;
      cell.curve.kind = static_cast<Kind>(random.Below(4));
      cell.curve.a = 0.2 + 4 * random.Uniform();
      cell.curve.b = 0.5 + 2 * random.Uniform();
    }
    const auto result = SolveCells(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    if (result->status == PlanStatus::kInfeasible) continue;
    EXPECT_LE(result->upper_bound - result->achieved,
              1e-12 * result->upper_bound + OfAMicro(input, *result))
        << "seed " << seed;
    EXPECT_GE(result->achieved, 0.999 * Best(input)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tenure::budget
