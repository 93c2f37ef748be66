// ALLOCATION.md's golden cases for cells.
#include "server/budget/cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/budget/cells_verifier.h"

namespace tenure::budget {
namespace {

using Kind = ResponseCurve::Kind;

CellsInput Make(Kind kind, const std::vector<double>& a, double budget, double n = 1) {
  CellsInput input;
  input.budget_micros = std::llround(budget * 1e6);
  for (const double scale : a) {
    input.cells.push_back({absl::StrCat("c", input.cells.size()), {kind, scale, 1, n, {}}});
  }
  return input;
}

void ExpectSplit(const CellsInput& input, const std::vector<double>& x, double value, double price,
                 double bound = 0) {
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  int64_t sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(result->amount[i]), x[i] * 1e6, 5) << "cell " << i;
    sum += result->amount[i];
  }
  EXPECT_LE(sum, input.budget_micros);
  EXPECT_NEAR(result->achieved, value, 1e-8);
  EXPECT_NEAR(result->upper_bound, bound > 0 ? bound : value, 1e-8);
  EXPECT_NEAR(result->price, price, 1e-6);
  EXPECT_EQ(result->status, bound > 0 ? PlanStatus::kCertified : PlanStatus::kOptimal);
}

TEST(Cells, Log_WithACellAtItsKink) {
  ExpectSplit(Make(Kind::kLog, {3, 2, 1}, 3), {2, 1, 0}, 4.682131227, 1);
  ExpectSplit(Make(Kind::kLog, {3, 2, 1}, 9), {5, 3, 1}, 8.841014310, 0.5);
}

TEST(Cells, Sqrt_FreeAndBounded) {
  ExpectSplit(Make(Kind::kSqrt, {3, 4}, 25), {9, 16}, 25, 0.5);
  CellsInput input = Make(Kind::kSqrt, {3, 4}, 25);
  input.cells[1].max_micros = 4'000'000;
  ExpectSplit(input, {21, 4}, 21.747727085, 3 / (2 * std::sqrt(21.0)));
  input = Make(Kind::kSqrt, {3, 4}, 25);
  input.cells[0].min_micros = 20'000'000;
  ExpectSplit(input, {20, 5}, 10 * std::sqrt(5.0), 4 / (2 * std::sqrt(5.0)));
}

TEST(Cells, ExpAndHill) {
  ExpectSplit(Make(Kind::kExp, {std::exp(2.0), std::exp(1.0)}, 3), {2, 1}, 8.107337927, 1);
  ExpectSplit(Make(Kind::kHill, {9, 4}, 3), {2, 1}, 8, 1);
}

TEST(Cells, Group_HasItsOwnPrice) {
  CellsInput input = Make(Kind::kSqrt, {3, 4, 5}, 100);
  input.groups = {{"first two", 25'000'000}};
  input.cells[0].group = 0;
  input.cells[1].group = 0;
  ExpectSplit(input, {9, 16, 75}, 68.301270189, 0.288675);
  EXPECT_NEAR(SolveCells(input)->group_price[0], 0.211325, 1e-6);
}

TEST(Cells, SShaped_OneUsedOrBothAndTheGapReported) {
  ExpectSplit(Make(Kind::kHill, {1, 1}, 1, 2), {1, 0}, 0.5, 0.5);
  ExpectSplit(Make(Kind::kHill, {1, 1}, 1.5, 2), {0.75, 0.75}, 0.72, 0.5, 0.75);
  EXPECT_NEAR(SolveCells(Make(Kind::kHill, {1, 1}, 1.5, 2))->gap, 0.04, 1e-9);
}

TEST(Cells, PiecewiseLinear_LowestPositionFirst) {
  CellsInput input = Make(Kind::kPiecewiseLinear, {1, 1}, 15);
  for (Cell& cell : input.cells) cell.curve.pieces = {{10, 2}, {1'000, 1}};
  ExpectSplit(input, {10, 5}, 30, 2);
}

TEST(Cells, ScaledByPowersOfTen_ChangesOnlyTheUnit) {
  CellsInput input = Make(Kind::kSqrt, {3e-6, 4e-6}, 25e-3);
  ExpectSplit(input, {9e-3, 16e-3}, 25e-6 / std::sqrt(1e3), 0.5e-6 * std::sqrt(1e3));
}

TEST(Cells, MalformedOrInfeasible_SaysWhere) {
  CellsInput input = Make(Kind::kSqrt, {3, NAN}, 25);
  EXPECT_THAT(std::string(SolveCells(input).status().message()), testing::HasSubstr("cells[1]"));
  input = Make(Kind::kSqrt, {3, 4}, 25);
  input.cells[1].min_micros = 26'000'000;
  EXPECT_EQ(SolveCells(input)->status, PlanStatus::kInfeasible);
  EXPECT_THAT(SolveCells(input)->infeasible, testing::HasSubstr("1.00 short"));
}

TEST(Cells, NegativeScaleOrAnIdTwice_NamesTheField) {
  CellsInput input = Make(Kind::kSqrt, {3, -4}, 25);
  EXPECT_EQ(SolveCells(input).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(SolveCells(input).status().message()),
              testing::StartsWith("cells[1].curve: a"));
  input = Make(Kind::kSqrt, {3, 4}, 25);
  input.cells[1].id = "c0";
  EXPECT_EQ(SolveCells(input).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(SolveCells(input).status().message()),
              testing::StartsWith("cells[1].id: 'c0' stands twice"));
}

TEST(Cells, ZeroSlope_GetsItsMinimum) {
  for (const Kind kind : {Kind::kLog, Kind::kSqrt, Kind::kExp, Kind::kHill}) {
    CellsInput input = Make(kind, {0, 0}, 20);
    input.cells[0].min_micros = 5'000'000;
    EXPECT_THAT(SolveCells(input)->amount, testing::ElementsAre(5'000'000, 0));
    input.cells[1].curve.a = 1;
    input.cells[1].max_micros = 6'000'000;
    EXPECT_THAT(SolveCells(input)->amount, testing::ElementsAre(5'000'000, 6'000'000));
  }
}

TEST(Cells, LeftoverMicros_GoToTheLowestIdsOfEquals) {
  CellsInput input = Make(Kind::kSqrt, {1, 1, 1}, 0);
  input.budget_micros = 10;
  EXPECT_THAT(SolveCells(input)->amount, testing::ElementsAre(4, 3, 3));
  std::swap(input.cells[0].id, input.cells[2].id);
  EXPECT_THAT(SolveCells(input)->amount, testing::ElementsAre(3, 3, 4));
}

// Each is due 0.9995 micros, which is nearest to one: all of them would be one too many.
TEST(Cells, AmountsNearlyWhole_DoNotExceedTheBudget) {
  CellsInput input = Make(Kind::kSqrt, std::vector<double>(2'000, 1), 0);
  input.budget_micros = 1'999;
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok()) << result.status();
  int64_t sum = 0;
  for (const int64_t amount : result->amount) sum += amount;
  EXPECT_EQ(sum, 1'999);
}

TEST(CellsVerifier, OneMicroMore_IsFound) {
  CellsInput input = Make(Kind::kSqrt, {3, 4, 5}, 100);
  input.groups = {{"first two", 25'000'000}};
  input.cells[0].group = 0;
  input.cells[1].group = 0;
  const auto result = SolveCells(input);
  ASSERT_TRUE(result.ok() && VerifyCells(input, *result).ok());
  for (size_t i = 0; i < 3; ++i) {
    CellsResult more = *result;
    ++more.amount[i];
    EXPECT_EQ(VerifyCells(input, more).code(), absl::StatusCode::kInternal) << "cell " << i;
    CellsInput bounded = input;
    bounded.cells[i].max_micros = result->amount[i] - 1;
    EXPECT_FALSE(VerifyCells(bounded, *result).ok()) << "cell " << i;
    bounded = input;
    bounded.cells[i].min_micros = result->amount[i] + 1;
    EXPECT_FALSE(VerifyCells(bounded, *result).ok()) << "cell " << i;
  }
}

}  // namespace
}  // namespace tenure::budget
