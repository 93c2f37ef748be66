#include "server/budget/cells_amounts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/base/money.h"
#include "server/budget/cells_room.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr double kAtMargin = 1 - 1e-9;  // of a price: who is at the margin wants more there

class Amounts {
 public:
  Amounts(const CellsInput& input, const std::vector<CellMode>& modes, const CellsPrices& prices)
      : input_(input),
        modes_(modes),
        prices_(prices),
        amounts_(Rounded(prices.Demand(1))),
        room_(input, amounts_) {}

  // Amounts a thousandth below a whole micro were rounded up, and sums of doubles are off by their
  // last places: the few micros too many go back, highest id first. False where they aren't few.
  bool TakeBack() {
    const int64_t few =
        static_cast<int64_t>(amounts_.size()) + input_.budget_micros / 1'000'000'000'000;
    if (room_.Least() >= 0) return true;
    if (room_.Least() < -few) return false;
    for (bool taken = true; taken && room_.Least() < 0;) {
      taken = false;
      for (size_t i = amounts_.size(); i-- > 0;) {
        if (room_.More(i) >= 0 || amounts_[i] <= input_.cells[i].min_micros) continue;
        Give(i, -1);
        taken = true;
      }
    }
    return room_.Least() >= 0;
  }

  // What is left of every envelope that binds, the lowest first, to its own cells, then what is
  // left of the budget to all.
  void GiveLeft() {
    const std::vector<int32_t> binding = Binding();
    std::vector<std::vector<size_t>> below(input_.groups.size());
    std::vector<bool> binds(below.size(), false);
    for (const int32_t g : binding) binds[At(g)] = true;
    for (size_t i = 0; !binding.empty() && i < amounts_.size(); ++i) {
      for (int32_t g = input_.cells[i].group; g >= 0; g = input_.groups[At(g)].parent) {
        if (binds[At(g)]) below[At(g)].push_back(i);
      }
    }
    for (const int32_t g : binding) GiveLeft(g, below[At(g)]);
    if (room_.left() <= 0) return;
    std::vector<size_t> all(amounts_.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    GiveLeft(-1, all);
  }

  // What nobody's concave part could use, to the S-shaped cell that makes most of all it can take.
  void GiveRest() {
    if (room_.left() <= 0 && input_.groups.empty()) return;
    for (double best_gain = 1; best_gain > 0;) {
      best_gain = 0;
      size_t best = 0;
      int64_t best_more = 0;
      for (size_t i = 0; i < amounts_.size(); ++i) {
        const Cell& cell = input_.cells[i];
        if (!IsSShaped(cell.curve)) continue;
        const int64_t more = std::min(cell.max_micros - amounts_[i], room_.More(i));
        if (more <= 0) continue;
        const double gain = CurveValue(cell.curve, UnitsFromMicros(amounts_[i] + more)) -
                            CurveValue(cell.curve, UnitsFromMicros(amounts_[i]));
        if (gain <= best_gain) continue;
        best_gain = gain;
        best = i;
        best_more = more;
      }
      if (best_gain > 0) Give(best, best_more);
    }
  }

  std::vector<int64_t> Take() { return std::move(amounts_); }

 private:
  static size_t At(int32_t group) { return static_cast<size_t>(group); }

  // What an envelope has left for its cells: a group's cap or floor that binds, or (-1) the budget.
  int64_t Left(int32_t group) const {
    if (group < 0) return room_.left();
    return Capped(group) ? room_.BelowCap(At(group)) : room_.Reserved(At(group));
  }

  bool Capped(int32_t group) const { return prices_.Group(At(group)) > 0; }

  // How much of that a cell can get.
  int64_t More(size_t i, int32_t group) const {
    return group < 0 || Capped(group) ? room_.More(i) : room_.MoreWithin(i, group);
  }

  // The groups with something left of a floor or cap that binds: the deepest first, then by id, as
  // limits across them make the order matter.
  std::vector<int32_t> Binding() const {
    std::vector<int32_t> groups;
    std::vector<size_t> depth(input_.groups.size(), 0);
    for (size_t g = 0; g < depth.size(); ++g) {
      const auto group = static_cast<int32_t>(g);
      if (Left(group) <= 0) continue;
      groups.push_back(group);
      for (int32_t at = group; at >= 0; at = input_.groups[At(at)].parent) ++depth[g];
    }
    std::sort(groups.begin(), groups.end(), [&](int32_t a, int32_t b) {
      if (depth[At(a)] != depth[At(b)]) return depth[At(a)] > depth[At(b)];
      return input_.groups[At(a)].id < input_.groups[At(b)].id;
    });
    return groups;
  }

  void GiveLeft(int32_t group, const std::vector<size_t>& cells) {
    if (Left(group) > static_cast<int64_t>(cells.size())) GiveAtMargin(group, cells);
    if (Left(group) > 0) GiveSingleMicros(group, cells);
  }

  // More than rounding leaves: of cells whose demand jumps at their price, the dearest first, then
  // the lowest id. Those cheaper than the envelope have a floor of theirs, which was first.
  void GiveAtMargin(int32_t group, const std::vector<size_t>& cells) {
    if (wanted_.empty()) wanted_ = Rounded(prices_.Demand(kAtMargin));
    const double least = prices_.Inside(group) * kAtMargin;
    std::vector<size_t> order;
    for (const size_t i : cells) {
      if (wanted_[i] > amounts_[i] && prices_.Of(i) >= least) order.push_back(i);
    }
    const auto dearer = [&](size_t a, size_t b) { return prices_.Of(a) > prices_.Of(b); };
    if (!std::is_sorted(order.begin(), order.end(), dearer)) {
      std::stable_sort(order.begin(), order.end(), dearer);
    }
    for (const size_t i : order) {
      const int64_t more = std::min(wanted_[i] - amounts_[i], More(i, group));
      if (more > 0) Give(i, more);
    }
  }

  // What rounding down left, micro by micro to the largest marginal value, ties to the lowest id.
  void GiveSingleMicros(int32_t group, const std::vector<size_t>& cells) {
    std::vector<std::pair<double, size_t>> next;
    next.reserve(cells.size());
    for (const size_t i : cells) {
      if (modes_[i] == CellMode::kUnused || amounts_[i] >= input_.cells[i].max_micros) continue;
      const double slope = NextMicro(i);
      if (slope > 0) next.emplace_back(slope, i);
    }
    const auto later = [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    };
    const auto left = static_cast<size_t>(Left(group));
    if (input_.groups.empty() && input_.limits.empty() && left < next.size()) {
      // Nobody else can be among those who get one.
      const auto end = next.begin() + static_cast<std::ptrdiff_t>(left);
      std::nth_element(next.begin(), end, next.end(),
                       [&](const auto& a, const auto& b) { return later(b, a); });
      next.resize(left);
    }
    std::make_heap(next.begin(), next.end(), later);
    const size_t most = 4 * cells.size() + 12;
    for (size_t given = 0; Left(group) > 0 && !next.empty() && given < most;) {
      std::pop_heap(next.begin(), next.end(), later);
      const size_t i = next.back().second;
      if (amounts_[i] >= input_.cells[i].max_micros || More(i, group) <= 0) {
        next.pop_back();
        continue;
      }
      Give(i, 1);
      ++given;
      next.back().first = NextMicro(i);
      std::push_heap(next.begin(), next.end(), later);
    }
  }

  std::vector<int64_t> Rounded(const std::vector<double>& demand) const {
    std::vector<int64_t> amounts;
    amounts.reserve(demand.size());
    for (size_t i = 0; i < demand.size(); ++i) {
      // Amounts that are whole micros stay so: a double holds them to a part of a micro.
      const double micros = demand[i] * static_cast<double>(kMicrosPerUnit);
      const double nearest = std::nearbyint(micros);
      const bool whole = std::abs(micros - nearest) < 1e-3;
      const auto amount = static_cast<int64_t>(whole ? nearest : std::floor(micros));
      amounts.push_back(std::max(amount, input_.cells[i].min_micros));
    }
    return amounts;
  }

  // What the next micro brings, per unit: the slope in its middle.
  double NextMicro(size_t i) const {
    const double middle = UnitsFromMicros(amounts_[i]) + 0.5 / static_cast<double>(kMicrosPerUnit);
    return CurveSlope(input_.cells[i].curve, middle);
  }

  void Give(size_t i, int64_t micros) {
    amounts_[i] += micros;
    room_.Add(i, micros);
  }

  const CellsInput& input_;
  const std::vector<CellMode>& modes_;
  const CellsPrices& prices_;
  std::vector<int64_t> amounts_;
  CellsRoom room_;
  std::vector<int64_t> wanted_;  // by cell, at the margin; empty until asked for
};

}  // namespace

std::vector<int64_t> WholeMicros(const CellsInput& input, const std::vector<CellMode>& modes,
                                 const CellsPrices& prices) {
  Amounts amounts(input, modes, prices);
  if (!amounts.TakeBack()) return {};
  amounts.GiveLeft();
  amounts.GiveRest();
  return amounts.Take();
}

}  // namespace tenure::budget
