#include "server/budget/cells.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/cells_check.h"
#include "server/budget/cells_polish.h"
#include "server/budget/cells_verifier.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr size_t kSearched = 12;          // S-shaped cells whose every set is tried, at most,
constexpr size_t kSetsByCells = 1 << 20;  // and sets times cells
constexpr size_t kPolished = 32;          // cells whose pairs are searched, at most
constexpr double kFilled = 1e-14;         // of a limit: nothing is left that a micro could use

// How an S-shaped cell is treated: by its envelope for the bound, on its concave part, or left at
// its minimum.
enum class Mode { kEnvelope, kUsed, kUnused };

// The lowest price >= 0 at which falling `demand` is within the limit: to the last bit where demand
// jumps, else as soon as the limit is all but filled. False position with halving in between.
template <typename Demand>
double LowestPrice(const Demand& demand, double limit) {
  if (demand(0) <= limit) return 0;
  double above = 0;
  double fits = 1;
  double above_demand = std::numeric_limits<double>::infinity();
  double fits_demand = demand(fits);
  while (fits_demand > limit) {
    above = fits;
    above_demand = fits_demand;
    fits *= 16;
    fits_demand = std::isfinite(fits) ? demand(fits) : 0;
  }
  while (above == 0 && fits > std::numeric_limits<double>::min()) {
    const double lower = fits / 16;
    const double lower_demand = demand(lower);
    if (lower_demand > limit) {
      above = lower;
      above_demand = lower_demand;
    } else {
      fits = lower;
      fits_demand = lower_demand;
    }
  }
  for (int step = 0; limit - fits_demand > kFilled * limit; ++step) {
    double middle = above + (fits - above) / 2;
    if (!(middle > above) || !(middle < fits)) break;
    if (step % 3 != 2 && std::isfinite(above_demand)) {
      const double share = (above_demand - limit) / (above_demand - fits_demand);
      const double guess = above + (fits - above) * share;
      if (guess > above && guess < fits) middle = guess;
    }
    const double at = demand(middle);
    if (at <= limit) {
      fits = middle;
      fits_demand = at;
    } else {
      above = middle;
      above_demand = at;
    }
  }
  return fits;
}

// What of a curve doesn't change while prices are tried.
struct CellShape {
  double least;
  double most;
  double tangent;        // 0 for concave curves
  double tangent_slope;  // of the envelope's line
  double root;           // sqrt(a b) of a Hill curve with n = 1, log(a / b) of an exponential one
};

// A price and what all curves need of it.
struct Price {
  explicit Price(double p) : price(p), log(p > 0 ? std::log(p) : 0), root(std::sqrt(p)) {}
  double price;
  double log;
  double root;
};

class CellsProblem {
 public:
  CellsProblem(const CellsInput& input, std::vector<Mode> modes)
      : input_(input),
        modes_(std::move(modes)),
        spare_(input.budget_micros),
        own_(input.groups.size(), 0) {
    members_.resize(input.groups.size());
    shapes_.reserve(input.cells.size());
    for (const Cell& cell : input.cells) spare_ -= cell.min_micros;
    for (size_t i = 0; i < input.cells.size(); ++i) {
      shapes_.push_back(ShapeOf(input.cells[i], modes_[i] == Mode::kUsed));
      if (input.cells[i].group >= 0) {
        members_[static_cast<size_t>(input.cells[i].group)].push_back(i);
      }
    }
    for (size_t g = 0; g < input.groups.size(); ++g) {
      if (input.groups[g].cap_micros == kUncapped) continue;
      own_[g] = LowestPrice([&](double p) { return GroupDemand(g, Price(p)); },
                            UnitsFromMicros(input.groups[g].cap_micros));
    }
    price_ = LowestPrice([&](double p) { return Demand(p); }, UnitsFromMicros(input.budget_micros));
  }

  double price() const { return price_; }
  double PriceOf(size_t cell) const {
    const int32_t group = input_.cells[cell].group;
    return group < 0 ? price_ : std::max(price_, own_[static_cast<size_t>(group)]);
  }
  double GroupPrice(size_t group) const { return std::max(price_, own_[group]) - price_; }

  // Whole micros: everybody's demand rounded down, then the rest to who is at the margin, lowest
  // id first, and what rounding left micro by micro to who gains most. Empty when the cells'
  // least amounts exceed the budget or a group.
  std::vector<int64_t> Amounts() const {
    std::vector<int64_t> amounts;
    int64_t left = input_.budget_micros;
    std::vector<int64_t> group_left;
    for (const CellGroup& group : input_.groups) group_left.push_back(group.cap_micros);
    for (size_t i = 0; i < input_.cells.size(); ++i) {
      amounts.push_back(Micros(i, CellDemand(i, Price(PriceOf(i)))));
      left -= amounts[i];
      if (input_.cells[i].group >= 0) {
        group_left[static_cast<size_t>(input_.cells[i].group)] -= amounts[i];
      }
    }
    if (!TakeBack(&left, &group_left, &amounts)) return {};
    for (size_t i = 0; i < input_.cells.size() && left > 0; ++i) {
      int64_t more = Micros(i, CellDemand(i, Price(PriceOf(i) * (1 - 1e-9)))) - amounts[i];
      more = std::min(more, left);
      if (input_.cells[i].group >= 0) {
        auto& room = group_left[static_cast<size_t>(input_.cells[i].group)];
        more = std::min(more, room);
        room -= more;
      }
      amounts[i] += more;
      left -= more;
    }
    GiveSingleMicros(&left, &group_left, &amounts);
    GiveRest(left, &group_left, &amounts);
    return amounts;
  }

  // The dual value at these prices.
  double Bound() const {
    double bound = price_ * UnitsFromMicros(input_.budget_micros);
    double size = bound;
    for (size_t g = 0; g < input_.groups.size(); ++g) {
      if (GroupPrice(g) > 0) bound += GroupPrice(g) * UnitsFromMicros(input_.groups[g].cap_micros);
    }
    for (size_t i = 0; i < input_.cells.size(); ++i) {
      const double x = CellDemand(i, Price(PriceOf(i)));
      const double value = Envelope(input_.cells[i].curve, x);
      bound += value - PriceOf(i) * x;
      size += std::abs(value) + std::abs(PriceOf(i) * x);
    }
    return bound + 64 * 0x1.0p-53 * size;  // a few last places in each power and logarithm
  }

 private:
  static double Envelope(const ResponseCurve& curve, double x) {
    const double tangent = TangentPoint(curve);
    if (x >= tangent) return CurveValue(curve, x);
    return CurveValue(curve, tangent) / tangent * x;
  }

  CellShape ShapeOf(const Cell& cell, bool used) const {
    CellShape shape;
    shape.least = UnitsFromMicros(cell.min_micros);
    shape.most =
        UnitsFromMicros(std::max(cell.min_micros, std::min(cell.max_micros, input_.budget_micros)));
    if (used) shape.most = std::min(shape.most, shape.least + UnitsFromMicros(spare_));
    shape.tangent = TangentPoint(cell.curve);
    shape.tangent_slope =
        shape.tangent > 0 ? CurveValue(cell.curve, shape.tangent) / shape.tangent : 0;
    const double ratio = cell.curve.a / cell.curve.b;
    shape.root = cell.curve.kind == ResponseCurve::Kind::kExp
                     ? (ratio > 0 ? std::log(ratio) : -std::numeric_limits<double>::infinity())
                     : std::sqrt(cell.curve.a * cell.curve.b);
    return shape;
  }

  // Where the concave part's slope falls to the price.
  static double Free(const ResponseCurve& curve, const CellShape& shape, const Price& price) {
    if (curve.a == 0 && curve.kind != ResponseCurve::Kind::kPiecewiseLinear) return 0;
    if (price.price > 0) {
      switch (curve.kind) {
        case ResponseCurve::Kind::kLog:
          return curve.a / price.price - curve.b;
        case ResponseCurve::Kind::kSqrt: {
          const double root = curve.a / (2 * price.price);
          return root * root;
        }
        case ResponseCurve::Kind::kExp:
          return curve.b * (shape.root - price.log);
        case ResponseCurve::Kind::kHill:
          if (curve.n == 1) return shape.root / price.root - curve.b;
          break;
        case ResponseCurve::Kind::kPiecewiseLinear:
          break;
      }
    }
    return ConcaveDemand(curve, price.price);
  }

  double CellDemand(size_t i, const Price& price) const {
    const CellShape& shape = shapes_[i];
    if (modes_[i] == Mode::kUnused) return shape.least;
    double x = Free(input_.cells[i].curve, shape, price);
    if (modes_[i] == Mode::kEnvelope && shape.tangent > 0) {
      x = price.price >= shape.tangent_slope ? 0 : std::max(x, shape.tangent);
    }
    return std::clamp(x, shape.least, shape.most);
  }
  double GroupDemand(size_t group, const Price& price) const {
    double demand = 0;
    for (const size_t cell : members_[group]) demand += CellDemand(cell, price);
    return demand;
  }
  double Demand(double p) const {
    const Price price(p);
    double demand = 0;
    for (size_t i = 0; i < input_.cells.size(); ++i) {
      const int32_t group = input_.cells[i].group;
      const double own = group < 0 ? 0 : own_[static_cast<size_t>(group)];
      demand += own > p ? CellDemand(i, Price(own)) : CellDemand(i, price);
    }
    return demand;
  }

  // Amounts a thousandth below a whole micro were rounded up, and sums of doubles are off by their
  // last places: the few micros too many go back, highest id first. False where they aren't few.
  bool TakeBack(int64_t* left, std::vector<int64_t>* group_left,
                std::vector<int64_t>* amounts) const {
    const int64_t few =
        static_cast<int64_t>(amounts->size()) + input_.budget_micros / 1'000'000'000'000;
    const int64_t lowest =
        group_left->empty()
            ? *left
            : std::min(*left, *std::min_element(group_left->begin(), group_left->end()));
    if (lowest >= 0) return true;
    if (lowest < -few) return false;
    for (bool taken = true; taken;) {
      taken = false;
      for (size_t i = amounts->size(); i-- > 0;) {
        int64_t* const room = Room(i, group_left);
        if (*left >= 0 && (room == nullptr || *room >= 0)) continue;
        if ((*amounts)[i] <= input_.cells[i].min_micros) continue;
        --(*amounts)[i];
        ++*left;
        if (room != nullptr) ++*room;
        taken = true;
      }
    }
    return *left >= 0 && std::all_of(group_left->begin(), group_left->end(),
                                     [](int64_t micros) { return micros >= 0; });
  }

  int64_t* Room(size_t i, std::vector<int64_t>* group_left) const {
    const int32_t group = input_.cells[i].group;
    return group < 0 ? nullptr : &(*group_left)[static_cast<size_t>(group)];
  }

  // What the next micro brings, per unit: the slope in its middle.
  double NextMicro(size_t i, int64_t micros) const {
    const double middle = UnitsFromMicros(micros) + 0.5 / static_cast<double>(kMicrosPerUnit);
    return CurveSlope(input_.cells[i].curve, middle);
  }

  // What rounding down left, micro by micro to the largest marginal value, ties to the lowest id.
  void GiveSingleMicros(int64_t* left, std::vector<int64_t>* group_left,
                        std::vector<int64_t>* amounts) const {
    if (*left <= 0) return;
    std::vector<std::pair<double, size_t>> next;
    for (size_t i = 0; i < amounts->size(); ++i) {
      if (modes_[i] == Mode::kUnused || (*amounts)[i] >= input_.cells[i].max_micros) continue;
      const double slope = NextMicro(i, (*amounts)[i]);
      if (slope > 0) next.emplace_back(slope, i);
    }
    const auto later = [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    };
    std::make_heap(next.begin(), next.end(), later);
    for (size_t given = 0; *left > 0 && !next.empty() && given < 4 * amounts->size() + kSearched;) {
      std::pop_heap(next.begin(), next.end(), later);
      const size_t i = next.back().second;
      int64_t* const room = Room(i, group_left);
      const bool full = (*amounts)[i] >= input_.cells[i].max_micros;
      if (full || (room != nullptr && *room <= 0)) {
        next.pop_back();
        continue;
      }
      ++(*amounts)[i];
      --*left;
      ++given;
      if (room != nullptr) --*room;
      next.back().first = NextMicro(i, (*amounts)[i]);
      std::push_heap(next.begin(), next.end(), later);
    }
  }

  // What nobody's concave part could use, to the S-shaped cell that makes most of all it can take.
  void GiveRest(int64_t left, std::vector<int64_t>* group_left,
                std::vector<int64_t>* amounts) const {
    double best_gain = 1;
    while (left > 0 && best_gain > 0) {
      best_gain = 0;
      size_t best = 0;
      int64_t best_more = 0;
      for (size_t i = 0; i < amounts->size(); ++i) {
        const Cell& cell = input_.cells[i];
        if (!IsSShaped(cell.curve)) continue;
        int64_t more = std::min(left, cell.max_micros - (*amounts)[i]);
        const int64_t* const room = Room(i, group_left);
        if (room != nullptr) more = std::min(more, *room);
        if (more <= 0) continue;
        const double gain = CurveValue(cell.curve, UnitsFromMicros((*amounts)[i] + more)) -
                            CurveValue(cell.curve, UnitsFromMicros((*amounts)[i]));
        if (gain <= best_gain) continue;
        best_gain = gain;
        best = i;
        best_more = more;
      }
      if (best_gain <= 0) return;
      (*amounts)[best] += best_more;
      left -= best_more;
      int64_t* const room = Room(best, group_left);
      if (room != nullptr) *room -= best_more;
    }
  }

  int64_t Micros(size_t i, double x) const {
    // Amounts that are whole micros stay so: a double holds them to a part of a micro.
    const double micros = x * static_cast<double>(kMicrosPerUnit);
    const double nearest = std::round(micros);
    const bool whole = std::abs(micros - nearest) < 1e-3;
    const auto amount = static_cast<int64_t>(whole ? nearest : std::floor(micros));
    return std::max(amount, input_.cells[i].min_micros);
  }

  const CellsInput& input_;
  const std::vector<Mode> modes_;
  int64_t spare_;  // of the budget, when everybody has their minimum
  std::vector<CellShape> shapes_;
  std::vector<std::vector<size_t>> members_;
  std::vector<double> own_;  // per group, the price at which it just fits its cap
  double price_ = 0;
};

double TotalValue(const CellsInput& input, const std::vector<int64_t>& amounts) {
  double value = 0;
  for (size_t i = 0; i < amounts.size(); ++i) {
    value += CurveValue(input.cells[i].curve, UnitsFromMicros(amounts[i]));
  }
  return value;
}

// The S-shaped cells whose sets are tried: those nearest to being worth it and not. The others do
// as their envelope says.
std::vector<size_t> Searched(const CellsInput& input, const CellsProblem& envelope) {
  std::vector<size_t> s_shaped;
  for (size_t i = 0; i < input.cells.size(); ++i) {
    if (IsSShaped(input.cells[i].curve)) s_shaped.push_back(i);
  }
  const auto distance = [&](size_t i) {
    const ResponseCurve& curve = input.cells[i].curve;
    const double tangent = TangentPoint(curve);
    return std::abs(CurveValue(curve, tangent) / tangent - envelope.PriceOf(i));
  };
  std::stable_sort(s_shaped.begin(), s_shaped.end(),
                   [&](size_t a, size_t b) { return distance(a) < distance(b); });
  size_t searched = std::min(s_shaped.size(), kSearched);
  while (searched > 0 && (input.cells.size() << searched) > kSetsByCells) --searched;
  s_shaped.resize(searched);
  return s_shaped;
}

// Cells in the order of their ids.
void SolveSorted(const CellsInput& input, CellsResult* result) {
  const CellsProblem envelope(input, std::vector<Mode>(input.cells.size(), Mode::kEnvelope));
  result->price = envelope.price();
  for (size_t g = 0; g < input.groups.size(); ++g) {
    result->group_price.push_back(envelope.GroupPrice(g));
  }
  result->upper_bound = envelope.Bound();
  const auto keep_better = [&](std::vector<int64_t> amounts) {
    if (amounts.empty()) return;
    const double value = TotalValue(input, amounts);
    if (!result->amount.empty() && value <= result->achieved) return;
    result->achieved = value;
    result->amount = std::move(amounts);
  };
  keep_better(envelope.Amounts());
  const std::vector<size_t> searched = Searched(input, envelope);
  const size_t sets = searched.empty() ? 0 : size_t{1} << searched.size();
  for (size_t set = 0; set < sets; ++set) {
    std::vector<Mode> modes(input.cells.size(), Mode::kEnvelope);
    for (size_t k = 0; k < searched.size(); ++k) {
      modes[searched[k]] = (set >> k & 1u) != 0 ? Mode::kUsed : Mode::kUnused;
    }
    keep_better(CellsProblem(input, modes).Amounts());
  }
  if (!searched.empty() && input.cells.size() <= kPolished) {
    std::vector<int64_t> amounts = result->amount;
    PolishCells(input, &amounts);
    keep_better(std::move(amounts));
  }
}

}  // namespace

absl::StatusOr<CellsResult> SolveCells(const CellsInput& input) {
  TENURE_ASSIGN_OR_RETURN(const std::vector<size_t> order, CheckCells(input));
  CellsResult result;
  result.infeasible = FindCellConflict(input);
  if (!result.infeasible.empty()) {
    result.status = PlanStatus::kInfeasible;
    return result;
  }
  // Ties go by id and sums are taken in its order, wherever a cell stands in the input.
  CellsInput sorted;
  sorted.budget_micros = input.budget_micros;
  sorted.groups = input.groups;
  sorted.cells.reserve(order.size());
  for (const size_t i : order) {
    const Cell& cell = input.cells[i];
    sorted.cells.push_back({"", cell.curve, cell.min_micros, cell.max_micros, cell.group});
  }
  SolveSorted(sorted, &result);
  std::vector<int64_t> amount(result.amount.size());
  for (size_t k = 0; k < amount.size(); ++k) amount[order[k]] = result.amount[k];
  result.amount = std::move(amount);
  result.gap = result.upper_bound > 0
                   ? std::max(0.0, (result.upper_bound - result.achieved) / result.upper_bound)
                   : 0;
  result.status = result.gap <= 1e-9 ? PlanStatus::kOptimal : PlanStatus::kCertified;
  TENURE_RETURN_IF_ERROR(VerifyCells(input, result));
  return result;
}

}  // namespace tenure::budget
