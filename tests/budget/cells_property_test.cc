// What holds for every split, over random cells.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/random.h"
#include "server/budget/cells.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

using Kind = ResponseCurve::Kind;

// Few different curves, so that ties are many.
CellsInput Draw(uint64_t seed) {
  Random random(seed);
  CellsInput input;
  const uint64_t cells = 1 + random.Below(8);
  input.budget_micros = static_cast<int64_t>(random.Below(40'000'000));
  input.groups = {{"g", static_cast<int64_t>(random.Below(20'000'000))}};
  for (uint64_t i = 0; i < cells; ++i) {
    Cell cell;
    cell.id = absl::StrCat("c", i);
    cell.curve.kind = static_cast<Kind>(random.Below(5));
    const auto first = static_cast<double>(1 + random.Below(8));
    cell.curve.pieces = {{first, 2}, {first + 6, static_cast<double>(random.Below(2))}};
    cell.curve.a = static_cast<double>(random.Below(4));
    cell.curve.b = static_cast<double>(1 + random.Below(2));
    if (random.Below(4) == 0) cell.max_micros = static_cast<int64_t>(random.Below(9'000'000));
    if (random.Below(3) == 0) cell.group = 0;
    input.cells.push_back(cell);
  }
  return input;
}

TEST(CellsProperty, AnyOrderOfCells_GivesEachTheSame) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    const CellsInput input = Draw(seed);
    const auto expected = SolveCells(input);
    ASSERT_TRUE(expected.ok()) << "seed " << seed << ": " << expected.status();
    CellsInput shuffled = input;
    std::vector<size_t> from(input.cells.size());
    for (size_t i = 0; i < from.size(); ++i) from[i] = i;
    Random random(seed + 1'000);
    for (size_t i = from.size() - 1; i > 0; --i) std::swap(from[i], from[random.Below(i + 1)]);
    for (size_t i = 0; i < from.size(); ++i) shuffled.cells[i] = input.cells[from[i]];
    const auto result = SolveCells(shuffled);
    ASSERT_TRUE(result.ok()) << "seed " << seed;
    for (size_t i = 0; i < from.size(); ++i) {
      ASSERT_EQ(result->amount[i], expected->amount[from[i]]) << "seed " << seed << " cell " << i;
    }
    ASSERT_EQ(result->upper_bound, expected->upper_bound) << "seed " << seed;
  }
}

// The best of all splits into whole steps.
double BestOfGrid(const CellsInput& input, size_t steps) {
  const double step = UnitsFromMicros(input.budget_micros) / static_cast<double>(steps);
  std::vector<double> best(steps + 1, 0);
  for (const Cell& cell : input.cells) {
    std::vector<double> value;
    for (size_t k = 0; k <= steps; ++k) {
      const double x = step * static_cast<double>(k);
      if (k > 0 && x > UnitsFromMicros(cell.max_micros)) break;
      value.push_back(CurveValue(cell.curve, x));
    }
    std::vector<double> with(steps + 1, 0);
    for (size_t all = 0; all <= steps; ++all) {
      for (size_t k = 0; k < value.size() && k <= all; ++k) {
        with[all] = std::max(with[all], best[all - k] + value[k]);
      }
    }
    best = with;
  }
  return best[steps];
}

TEST(CellsProperty, SShaped_AreAsGoodAsAFineGridAndBounded) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    CellsInput input;
    const uint64_t cells = 2 + random.Below(3);
    input.budget_micros = static_cast<int64_t>(200'000 + random.Below(6'000'000));
    for (uint64_t i = 0; i < cells; ++i) {
      Cell cell;
      cell.id = absl::StrCat("c", i);
      cell.curve = {Kind::kHill,
                    0.5 + 4 * random.Uniform(),
                    0.3 + 2 * random.Uniform(),
                    1.1 + 4 * random.Uniform(),
                    {}};
      if (random.Below(3) == 0) {
        cell.max_micros = static_cast<int64_t>(100'000 + random.Below(2'000'000));
      }
      input.cells.push_back(cell);
    }
    const auto result = SolveCells(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    const double best = BestOfGrid(input, 400);
    EXPECT_GE(result->achieved, best - 1e-5) << "seed " << seed;
    EXPECT_GE(result->upper_bound, best) << "seed " << seed;
  }
}

TEST(CellsProperty, ScaledByPowersOfTen_ChangesOnlyTheUnit) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const CellsInput input = Draw(seed);
    const auto expected = SolveCells(input);
    ASSERT_TRUE(expected.ok()) << "seed " << seed;
    for (int k = 1; k <= 3; ++k) {
      const auto factor = static_cast<int64_t>(std::llround(std::pow(10, k)));
      const auto times = static_cast<double>(factor);
      CellsInput scaled = input;
      scaled.budget_micros *= factor;
      scaled.groups[0].cap_micros *= factor;
      for (Cell& cell : scaled.cells) {
        if (cell.max_micros != kUncapped) cell.max_micros *= factor;
        const bool root = cell.curve.kind == Kind::kSqrt;
        cell.curve.a *= root ? std::sqrt(times) : times;
        if (!root) cell.curve.b *= times;
        for (auto& piece : cell.curve.pieces) piece.first *= times;
      }
      const auto result = SolveCells(scaled);
      ASSERT_TRUE(result.ok()) << "seed " << seed;
      const double size = expected->achieved * times;
      ASSERT_NEAR(result->achieved, size, 1e-9 * size + 1e-2) << "seed " << seed << " k " << k;
      ASSERT_NEAR(result->upper_bound, expected->upper_bound * times,
                  1e-9 * expected->upper_bound * times)
          << "seed " << seed << " k " << k;
    }
  }
}

// Powers of a steep curve overflow long before it does.
TEST(CellsProperty, SteepHillCurves_AreBoundedAndSpendWell) {
  for (const double n : {2.0, 9.0, 22.0, 26.0, 40.0, 200.0, 1'000.0}) {
    for (const double k : {1e-3, 1.0, 1e4, 1e6, 1e8}) {
      SCOPED_TRACE(absl::StrCat("n ", n, ", k ", k));
      CellsInput input;
      input.budget_micros = MicrosFromUnits(std::min(5 * k, 4e9)).value();
      input.cells = {{"a", {Kind::kHill, 100, k, n, {}}}, {"b", {Kind::kLog, 1, k / 100, 1, {}}}};
      const auto result = SolveCells(input);
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_GE(result->upper_bound, result->achieved * (1 - 1e-12));
      const double best = BestOfGrid(input, 500);
      EXPECT_GE(result->achieved, best * (1 - 1e-9));
      EXPECT_GE(result->upper_bound, best * (1 - 1e-9));
    }
  }
}

}  // namespace
}  // namespace tenure::budget
