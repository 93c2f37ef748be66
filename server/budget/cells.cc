#include "server/budget/cells.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr size_t kSearched = 12;          // S-shaped cells whose every set is tried, at most,
constexpr size_t kSetsByCells = 1 << 20;  // and sets times cells
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
      : input_(input), modes_(std::move(modes)), own_(input.groups.size(), 0) {
    members_.resize(input.groups.size());
    shapes_.reserve(input.cells.size());
    for (size_t i = 0; i < input.cells.size(); ++i) {
      shapes_.push_back(ShapeOf(input.cells[i]));
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
  // position first, and what rounding left micro by micro to who gains most. Empty when the cells'
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
    if (left < 0 || std::any_of(group_left.begin(), group_left.end(),
                                [](int64_t micros) { return micros < 0; })) {
      return {};
    }
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
    GiveSingleMicros(left, &group_left, &amounts);
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

  CellShape ShapeOf(const Cell& cell) const {
    CellShape shape;
    shape.least = UnitsFromMicros(cell.min_micros);
    shape.most =
        UnitsFromMicros(std::max(cell.min_micros, std::min(cell.max_micros, input_.budget_micros)));
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

  // What rounding down left, a micro a cell, by the largest marginal value, ties by position.
  void GiveSingleMicros(int64_t left, std::vector<int64_t>* group_left,
                        std::vector<int64_t>* amounts) const {
    if (left <= 0) return;
    std::vector<std::pair<double, size_t>> marginal;
    for (size_t i = 0; i < amounts->size(); ++i) {
      const double slope = CurveSlope(input_.cells[i].curve, UnitsFromMicros((*amounts)[i]));
      if (modes_[i] != Mode::kUnused && slope > 0) marginal.emplace_back(-slope, i);
    }
    const size_t most = std::min(marginal.size(), static_cast<size_t>(left) + kSearched);
    std::partial_sort(marginal.begin(), marginal.begin() + static_cast<std::ptrdiff_t>(most),
                      marginal.end());
    for (int round = 0; round < 4 && left > 0; ++round) {
      for (size_t k = 0; k < most && left > 0; ++k) {
        const size_t i = marginal[k].second;
        const Cell& cell = input_.cells[i];
        if ((*amounts)[i] >= cell.max_micros) continue;
        if (cell.group >= 0 && (*group_left)[static_cast<size_t>(cell.group)]-- <= 0) {
          ++(*group_left)[static_cast<size_t>(cell.group)];
          continue;
        }
        ++(*amounts)[i];
        --left;
      }
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

absl::Status Check(const CellsInput& input) {
  if (input.budget_micros < 0) return absl::InvalidArgumentError("budget_micros: is negative");
  absl::flat_hash_set<absl::string_view> ids;
  ids.reserve(input.cells.size());
  for (size_t i = 0; i < input.cells.size(); ++i) {
    const Cell& cell = input.cells[i];
    const auto refuse = [i](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("cells[", i, "]", what));
    };
    const absl::Status curve = CheckCurve(cell.curve);
    if (!curve.ok()) return refuse(absl::StrCat(".curve: ", curve.message()));
    if (!ids.insert(cell.id).second) {
      return refuse(absl::StrCat(".id: '", cell.id, "' stands twice"));
    }
    if (cell.min_micros < 0 || cell.min_micros > cell.max_micros) {
      return refuse(": needs 0 <= min <= max");
    }
    if (cell.group < -1 || cell.group >= static_cast<int32_t>(input.groups.size())) {
      return refuse(".group: is not a position in groups");
    }
  }
  for (size_t g = 0; g < input.groups.size(); ++g) {
    if (input.groups[g].cap_micros < 0) {
      return absl::InvalidArgumentError(absl::StrCat("groups[", g, "].cap_micros: is negative"));
    }
  }
  return absl::OkStatus();
}

std::string FindConflict(const CellsInput& input) {
  __extension__ using Wide = __int128;
  Wide all = 0;
  std::vector<Wide> grouped(input.groups.size(), 0);
  for (const Cell& cell : input.cells) {
    all += cell.min_micros;
    if (cell.group >= 0) grouped[static_cast<size_t>(cell.group)] += cell.min_micros;
  }
  const auto conflict = [](absl::string_view where, Wide sum, int64_t cap) {
    const auto total = static_cast<int64_t>(std::min<Wide>(sum, kUncapped));
    return absl::StrCat("the minima of ", where, " sum to ", FormatMicros(total), ", it has ",
                        FormatMicros(cap), ": ", FormatMicros(total - cap), " short");
  };
  for (size_t g = 0; g < grouped.size(); ++g) {
    if (grouped[g] > input.groups[g].cap_micros) {
      return conflict(absl::StrCat("'", input.groups[g].id, "'"), grouped[g],
                      input.groups[g].cap_micros);
    }
  }
  return all > input.budget_micros ? conflict("the budget", all, input.budget_micros) : "";
}

}  // namespace

absl::StatusOr<CellsResult> SolveCells(const CellsInput& input) {
  TENURE_RETURN_IF_ERROR(Check(input));
  CellsResult result;
  result.infeasible = FindConflict(input);
  if (!result.infeasible.empty()) {
    result.status = PlanStatus::kInfeasible;
    return result;
  }
  const CellsProblem envelope(input, std::vector<Mode>(input.cells.size(), Mode::kEnvelope));
  result.price = envelope.price();
  for (size_t g = 0; g < input.groups.size(); ++g) {
    result.group_price.push_back(envelope.GroupPrice(g));
  }
  result.upper_bound = envelope.Bound();
  result.amount = envelope.Amounts();
  result.achieved = TotalValue(input, result.amount);
  std::vector<size_t> s_shaped;
  for (size_t i = 0; i < input.cells.size(); ++i) {
    if (IsSShaped(input.cells[i].curve)) s_shaped.push_back(i);
  }
  // Those that are nearest to being worth it and not: the others do as their envelope says.
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
  const size_t sets = s_shaped.empty() ? 0 : size_t{1} << s_shaped.size();
  for (size_t set = 0; set < sets; ++set) {
    std::vector<Mode> modes(input.cells.size(), Mode::kEnvelope);
    for (size_t k = 0; k < s_shaped.size(); ++k) {
      modes[s_shaped[k]] = (set >> k & 1u) != 0 ? Mode::kUsed : Mode::kUnused;
    }
    const std::vector<int64_t> amounts = CellsProblem(input, modes).Amounts();
    if (amounts.empty()) continue;
    const double value = TotalValue(input, amounts);
    if (value <= result.achieved) continue;
    result.achieved = value;
    result.amount = amounts;
  }
  result.gap = result.upper_bound > 0
                   ? std::max(0.0, (result.upper_bound - result.achieved) / result.upper_bound)
                   : 0;
  result.status = result.gap <= 1e-9 ? PlanStatus::kOptimal : PlanStatus::kCertified;
  return result;
}

}  // namespace tenure::budget
