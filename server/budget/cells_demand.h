// What cells want at a price: the inner loop of splits over cells.
#ifndef TENURE_SERVER_BUDGET_CELLS_DEMAND_H_
#define TENURE_SERVER_BUDGET_CELLS_DEMAND_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/budget/cells.h"

namespace tenure::budget {

// How an S-shaped cell is treated: by its envelope for the bound, on its concave part, or left at
// its minimum.
enum class CellMode { kEnvelope, kUsed, kUnused };

// The cells of each place (a group, or right below the budget) at one price of that place. A
// concave curve's demand is A g(p) − B h(p) within the cell's bounds, with g and h by its kind
// alone:
//
//   log a ln(1 + x/b): a/p − b             exp a (1 − e^(−x/b)): b ln(a/b) − b ln p
//   sqrt a √x: a²/4 · 1/p²                 Hill a x/(b + x): √(ab) · 1/√p − b
//
// so that places with thousands of cells are a few plain loops over arrays. Immutable; thread-safe.
class CellsDemand {
 public:
  // `input` and `modes` outlive it. Cells under a limit have prices of their own beside their
  // place's.
  CellsDemand(const CellsInput& input, const std::vector<CellMode>& modes);

  // Of all cells of a place, beyond their minima, where the last is the budget. `beside`: by cell,
  // what its limits add; may be empty.
  double Sum(size_t place, double price, const std::vector<double>& beside) const;
  // What they want cell by cell, minima included, into their positions.
  void Each(size_t place, double price, const std::vector<double>& beside,
            std::vector<double>* demand) const;
  // Of one cell at its own price.
  double Of(size_t cell, double price) const;
  double Least(size_t cell) const { return bounds_[cell].least; }
  // Its first micro beyond its minimum is worth more than any price.
  bool Unbounded(size_t cell) const;

 private:
  static constexpr size_t kLinear = 4;  // kinds as above

  struct Bounds {
    double least = 0;
    double most = 0;
    double tangent = 0;        // 0 for concave curves
    double tangent_slope = 0;  // of the envelope's line
  };
  struct Place {
    std::array<size_t, kLinear + 1> run = {};  // by kind: where its cells begin in the arrays
    std::vector<int32_t> others;
  };
  struct Factors {
    double g = 0;
    double h = 0;
  };

  static Factors FactorsOf(size_t kind, double price);
  Bounds BoundsOf(size_t cell, int64_t spare_micros) const;

  const CellsInput& input_;
  const std::vector<CellMode>& modes_;
  std::vector<Bounds> bounds_;  // by cell
  std::vector<Place> places_;
  // The linear cells, by place and kind.
  std::vector<double> a_, b_, least_, most_;  // most_: above the minimum
  std::vector<int32_t> cell_;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_DEMAND_H_
