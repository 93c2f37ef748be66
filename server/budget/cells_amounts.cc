#include "server/budget/cells_amounts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/base/money.h"
#include "server/budget/cells_check.h"
#include "server/budget/cells_room.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr double kAtMargin = 1 - 1e-9;  // of a price: who is at the margin wants more there

class Amounts {
 public:
  Amounts(const CellsInput& input, const std::vector<CellMode>& modes,
          const std::vector<double>& demand)
      : input_(input), modes_(modes), amounts_(Rounded(demand)), room_(input, amounts_) {
    for (const size_t g : ChildrenFirst(input.groups)) {
      if (input.groups[g].floor_micros > 0) floors_.push_back(static_cast<int32_t>(g));
    }
  }

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

  // More than rounding leaves: of cells whose demand jumps at their price. What a floor reserves
  // goes to the cells below it, the lowest floors first, then the rest to all: the dearest first,
  // as the others are at the margin of what those leave.
  void GiveAtMargin(const CellsPrices& prices) {
    int64_t left = room_.left();
    for (const int32_t g : floors_) left = std::max(left, room_.Reserved(At(g)));
    if (left <= static_cast<int64_t>(amounts_.size())) return;
    const std::vector<int64_t> wanted = Rounded(prices.Demand(kAtMargin));
    std::vector<size_t> all;
    for (size_t i = 0; i < amounts_.size(); ++i) {
      if (wanted[i] > amounts_[i]) all.push_back(i);
    }
    const auto dearer = [&](size_t a, size_t b) { return prices.Of(a) > prices.Of(b); };
    if (!std::is_sorted(all.begin(), all.end(), dearer)) {
      std::stable_sort(all.begin(), all.end(), dearer);
    }
    ForEachEnvelope(all, [&](int32_t group, const std::vector<size_t>& cells) {
      for (const size_t i : cells) {
        const int64_t more = std::min(wanted[i] - amounts_[i], room_.MoreWithin(i, group));
        if (more > 0) Give(i, more);
      }
    });
  }

  // What rounding down left, micro by micro to the largest marginal value, ties to the lowest id;
  // of what floors reserve as above.
  void GiveSingleMicros() {
    if (room_.left() <= 0 && floors_.empty()) return;
    std::vector<size_t> all;
    all.reserve(amounts_.size());
    for (size_t i = 0; i < amounts_.size(); ++i) {
      if (modes_[i] != CellMode::kUnused && amounts_[i] < input_.cells[i].max_micros) {
        all.push_back(i);
      }
    }
    ForEachEnvelope(all, [&](int32_t group, const std::vector<size_t>& cells) {
      GiveSingleMicros(group, cells);
    });
  }

  // What nobody's concave part could use, to the S-shaped cell that makes most of all it can take.
  void GiveRest() {
    if (room_.left() <= 0 && floors_.empty()) return;
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

  // What an envelope has left for its cells alone: a group's floor, or (-1) the budget.
  int64_t Left(int32_t group) const { return group < 0 ? room_.left() : room_.Reserved(At(group)); }

  // `give(group, those of the cells that are below it)` for each floor that is not used up, the
  // lowest first, then for all with group -1.
  template <typename GiveCells>
  void ForEachEnvelope(const std::vector<size_t>& cells, const GiveCells& give) {
    std::vector<std::vector<size_t>> below(floors_.empty() ? 0 : input_.groups.size());
    for (const size_t i : cells) {
      if (floors_.empty()) break;
      for (int32_t g = input_.cells[i].group; g >= 0; g = input_.groups[At(g)].parent) {
        if (input_.groups[At(g)].floor_micros > 0) below[At(g)].push_back(i);
      }
    }
    for (const int32_t g : floors_) {
      if (Left(g) > 0) give(g, below[At(g)]);
    }
    if (Left(-1) > 0) give(-1, cells);
  }

  void GiveSingleMicros(int32_t group, const std::vector<size_t>& cells) {
    std::vector<std::pair<double, size_t>> next;
    next.reserve(cells.size());
    for (const size_t i : cells) {
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
      if (amounts_[i] >= input_.cells[i].max_micros || room_.MoreWithin(i, group) <= 0) {
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
  std::vector<int64_t> amounts_;
  CellsRoom room_;
  std::vector<int32_t> floors_;  // groups with one, children before their parents
};

}  // namespace

std::vector<int64_t> WholeMicros(const CellsInput& input, const std::vector<CellMode>& modes,
                                 const CellsPrices& prices) {
  Amounts amounts(input, modes, prices.Demand(1));
  if (!amounts.TakeBack()) return {};
  amounts.GiveAtMargin(prices);
  amounts.GiveSingleMicros();
  amounts.GiveRest();
  return amounts.Take();
}

}  // namespace tenure::budget
