// The prices of a split at its edges: what one more unit would bring there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/budget/cells.h"

namespace tenure::budget {
namespace {

using Kind = ResponseCurve::Kind;

constexpr int64_t kUnit = 1'000'000;
constexpr double kUnbounded = std::numeric_limits<double>::infinity();

CellsInput Make(int64_t total, const std::vector<ResponseCurve>& curves) {
  CellsInput input;
  input.budget_micros = total * kUnit;
  for (const ResponseCurve& curve : curves) {
    input.cells.push_back({absl::StrCat("c", input.cells.size()), curve});
  }
  return input;
}

CellsResult Solved(const CellsInput& input) {
  const auto result = SolveCells(input);
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return {};
  EXPECT_TRUE(std::isfinite(result->upper_bound));
  EXPECT_LE(result->gap, 1e-12);
  return *result;
}

const ResponseCurve kRoot = {Kind::kSqrt, 3, 1, 1, {}};
const ResponseCurve kLogarithm = {Kind::kLog, 3, 2, 1, {}};

TEST(CellsPrices, OneCellWithAll_HasItsSlopeThere) {
  EXPECT_NEAR(Solved(Make(10, {kRoot})).price, 3 / (2 * std::sqrt(10.0)), 1e-9);
  for (const int64_t total : {1, 2, 4}) {
    EXPECT_NEAR(Solved(Make(total, {kLogarithm})).price, 3 / (2.0 + static_cast<double>(total)),
                1e-9);
  }
}

TEST(CellsPrices, CellsThatMayHaveNothing_DoNotChangeIt) {
  CellsInput input = Make(10, {kRoot, kRoot, kLogarithm});
  input.cells[0].max_micros = 0;
  input.cells[2].max_micros = 0;
  EXPECT_NEAR(Solved(input).price, 3 / (2 * std::sqrt(10.0)), 1e-9);
}

TEST(CellsPrices, TotalOfNothing_HasTheSteepestBeginning) {
  EXPECT_NEAR(Solved(Make(0, {kLogarithm})).price, 1.5, 1e-9);
  EXPECT_NEAR(Solved(Make(0, {kLogarithm, {Kind::kExp, 8, 4, 1, {}}})).price, 2, 1e-9);
  EXPECT_EQ(Solved(Make(0, {kLogarithm, kRoot})).price, kUnbounded);
}

TEST(CellsPrices, AllAtTheirMaximum_IsNothing) {
  CellsInput input = Make(10, {kRoot, kLogarithm});
  for (Cell& cell : input.cells) cell.max_micros = 5 * kUnit;
  EXPECT_EQ(Solved(input).price, 0);
}

TEST(CellsPrices, AtAKink_IsThatOfTheNextPiece) {
  const ResponseCurve bent = {Kind::kPiecewiseLinear, 1, 1, 1, {{10, 2}, {20, 1}}};
  EXPECT_NEAR(Solved(Make(10, {bent})).price, 1, 1e-9);
  EXPECT_NEAR(Solved(Make(20, {bent, bent})).price, 1, 1e-9);
  // Others begin in between, or have a slope in between.
  EXPECT_NEAR(Solved(Make(10, {bent, kLogarithm})).price, 1.5, 1e-9);
  // Sums of tenths are off by their last places.
  CellsInput tenths = Make(0, {});
  tenths.budget_micros = 1'000'000;
  for (int i = 0; i < 10; ++i) {
    tenths.cells.push_back(
        {absl::StrCat("c", i), {Kind::kPiecewiseLinear, 1, 1, 1, {{0.1, 2}, {9, 1}}}});
  }
  EXPECT_NEAR(Solved(tenths).price, 1, 1e-9);
}

TEST(CellsPrices, FloorsThatReserveAll_HaveWhatOneMoreBringsAndOneLessWould) {
  CellsInput input = Make(10, {{Kind::kPiecewiseLinear, 1, 1, 1, {{20, 2}}},
                               {Kind::kPiecewiseLinear, 1, 1, 1, {{20, 1}}}});
  input.groups = {{"s", kUncapped, -1, 6 * kUnit}, {"t", kUncapped, -1, 4 * kUnit}};
  input.cells[0].group = 0;
  input.cells[1].group = 1;
  const CellsResult result = Solved(input);
  EXPECT_NEAR(result.price, 2, 1e-9);
  EXPECT_NEAR(result.group_price[0], 0, 1e-9);
  EXPECT_NEAR(result.group_price[1], -1, 1e-9);
}

TEST(CellsPrices, FloorThatItsCellsWouldFillAnyway_CostsNothing) {
  CellsInput input = Make(10, {{Kind::kPiecewiseLinear, 1, 1, 1, {{6, 9}, {20, 1}}},
                               {Kind::kPiecewiseLinear, 1, 1, 1, {{20, 5}}}});
  input.groups = {{"s", kUncapped, -1, 6 * kUnit}};
  input.cells[0].group = 0;
  const CellsResult result = Solved(input);
  EXPECT_NEAR(result.price, 5, 1e-9);
  EXPECT_NEAR(result.group_price[0], 0, 1e-9);
}

TEST(CellsPrices, GroupOfNothing_HasItsSteepestBeginningBesideThePriceOutside) {
  CellsInput input = Make(10, {kLogarithm, kRoot});
  input.groups = {{"s", 0}};
  input.cells[0].group = 0;
  const double outside = 3 / (2 * std::sqrt(10.0));
  CellsResult result = Solved(input);
  EXPECT_NEAR(result.price, outside, 1e-9);
  EXPECT_NEAR(result.group_price[0], 1.5 - outside, 1e-9);
  std::swap(input.cells[0].curve, input.cells[1].curve);
  result = Solved(input);
  EXPECT_NEAR(result.price, 0.25, 1e-9);
  EXPECT_EQ(result.group_price[0], kUnbounded);
}

TEST(CellsPrices, UnboundedInAGroup_IsSoOutsideOnlyWhereItCanBeReached) {
  CellsInput input = Make(0, {kLogarithm, kRoot});
  input.groups = {{"inner", kUncapped, 1}, {"outer", kUncapped}};
  input.cells[1].group = 0;
  CellsResult result = Solved(input);
  EXPECT_EQ(result.price, kUnbounded);
  EXPECT_EQ(result.group_price[0], 0);
  input.groups[1].cap_micros = 0;
  result = Solved(input);
  EXPECT_NEAR(result.price, 1.5, 1e-9);
  EXPECT_EQ(result.group_price[1], kUnbounded);
  EXPECT_EQ(result.group_price[0], 0);
  // A floor that reserves all: one more goes to who has nothing.
  input.budget_micros = 4 * kUnit;
  input.groups = {{"s", kUncapped, -1, 4 * kUnit}};
  input.cells[0].group = 0;
  input.cells[1].group = -1;
  result = Solved(input);
  EXPECT_EQ(result.price, kUnbounded);
  EXPECT_EQ(result.group_price[0], -kUnbounded);
  EXPECT_EQ(result.amount[0], 4 * kUnit);
}

TEST(CellsPrices, LimitOfNothing_IsUnboundedOrTheSteepestBeginning) {
  CellsInput input = Make(10, {kRoot, kLogarithm});
  input.limits = {{"channel", 0, {0}}};
  CellsResult result = Solved(input);
  EXPECT_EQ(result.limit_price[0], kUnbounded);
  EXPECT_NEAR(result.price, 0.25, 1e-9);
  input.limits[0].cells = {1};
  result = Solved(input);
  EXPECT_NEAR(result.price, 3 / (2 * std::sqrt(10.0)), 1e-9);
  EXPECT_NEAR(result.limit_price[0], 1.5 - result.price, 1e-9);
}

// Little money beside much that must be spent anyway.
TEST(CellsPrices, LittleBeyondLargeMinima_HasTheSlopeOfThatLittle) {
  CellsInput input = Make(1'000'000, {kLogarithm, kRoot});
  input.cells[0].min_micros = 1'000'000 * kUnit;
  input.budget_micros += 4;
  EXPECT_NEAR(Solved(input).price, 3 / (2 * std::sqrt(4e-6)), 1e-3);
  input.budget_micros -= 4;
  EXPECT_EQ(Solved(input).price, kUnbounded);
}

}  // namespace
}  // namespace tenure::budget
