#include "server/budget/cells_demand.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/base/money.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

using Kind = ResponseCurve::Kind;

constexpr size_t kLanes = 4;
constexpr double kMicro = 1 / static_cast<double>(kMicrosPerUnit);

// Products of two parameters, or of one with a power of a price, stay numbers.
bool IsPlain(double parameter) { return parameter > 1e-100 && parameter < 1e100; }

bool IsLinear(const ResponseCurve& curve) {
  if (curve.kind == Kind::kPiecewiseLinear || IsSShaped(curve)) return false;
  return IsPlain(curve.a) && (curve.kind == Kind::kSqrt || IsPlain(curve.b));
}

double FactorA(const ResponseCurve& curve) {
  switch (curve.kind) {
    case Kind::kSqrt:
      return curve.a * curve.a / 4;
    case Kind::kExp:
      return curve.b * std::log(curve.a / curve.b);
    case Kind::kHill:
      return std::sqrt(curve.a * curve.b);
    default:
      return curve.a;
  }
}

double Clamped(double x, double least, double most) {
  x = x > least ? x : least;
  return x < most ? x : most;
}

}  // namespace

CellsDemand::CellsDemand(const CellsInput& input, const std::vector<CellMode>& modes)
    : input_(input), modes_(modes), places_(input.groups.size() + 1) {
  const size_t count = input.cells.size();
  int64_t spare = input.budget_micros;
  for (const Cell& cell : input.cells) spare -= cell.min_micros;
  std::vector<bool> alone(count, false);  // with a price of its own
  for (const CellLimit& limit : input.limits) {
    for (const int32_t cell : limit.cells) alone[static_cast<size_t>(cell)] = true;
  }
  const auto place_of = [&](size_t i) {
    const int32_t group = input.cells[i].group;
    return group < 0 ? places_.size() - 1 : static_cast<size_t>(group);
  };
  // Counted, then put in their places.
  bounds_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const ResponseCurve& curve = input.cells[i].curve;
    bounds_.push_back(BoundsOf(i, spare));
    Place& place = places_[place_of(i)];
    if (alone[i] || modes[i] == CellMode::kUnused || !IsLinear(curve)) {
      alone[i] = true;
      place.others.push_back(static_cast<int32_t>(i));
    } else {
      ++place.run[static_cast<size_t>(curve.kind) + 1];
    }
  }
  size_t begin = 0;
  std::vector<std::array<size_t, kLinear>> next(places_.size());
  for (size_t p = 0; p < places_.size(); ++p) {
    for (size_t& at : places_[p].run) at = begin += at;
    std::copy_n(places_[p].run.begin(), kLinear, next[p].begin());
  }
  for (auto* column : {&a_, &b_, &least_, &most_}) column->resize(begin);
  cell_.resize(begin);
  for (size_t i = 0; i < count; ++i) {
    if (alone[i]) continue;
    const ResponseCurve& curve = input.cells[i].curve;
    const size_t at = next[place_of(i)][static_cast<size_t>(curve.kind)]++;
    a_[at] = FactorA(curve);
    b_[at] = curve.kind == Kind::kSqrt ? 0 : curve.b;
    least_[at] = bounds_[i].least;
    most_[at] = bounds_[i].most - bounds_[i].least;
    cell_[at] = static_cast<int32_t>(i);
  }
}

CellsDemand::Bounds CellsDemand::BoundsOf(size_t i, int64_t spare_micros) const {
  const Cell& cell = input_.cells[i];
  Bounds bounds;
  bounds.least = UnitsFromMicros(cell.min_micros);
  // Enough to see that more is wanted than there is; what a cell is to use must be there.
  const double spare = UnitsFromMicros(spare_micros);
  const double more = modes_[i] == CellMode::kUsed ? spare : 2 * spare + kMicro;
  bounds.most = std::min(UnitsFromMicros(cell.max_micros), bounds.least + more);
  if (!IsSShaped(cell.curve)) return bounds;
  bounds.tangent = TangentPoint(cell.curve);
  if (bounds.tangent > 0) {
    bounds.tangent_slope = CurveValue(cell.curve, bounds.tangent) / bounds.tangent;
  }
  return bounds;
}

CellsDemand::Factors CellsDemand::FactorsOf(size_t kind, double price) {
  switch (static_cast<Kind>(kind)) {
    case Kind::kSqrt:
      return {1 / (price * price), 0};
    case Kind::kExp:
      return {1, std::log(price)};
    case Kind::kHill:
      return {1 / std::sqrt(price), 1};
    default:
      return {1 / price, 1};
  }
}

double CellsDemand::Sum(size_t at, double price, const std::vector<double>& beside) const {
  const Place& place = places_[at];
  double sum = 0;
  for (size_t kind = 0; kind < kLinear; ++kind) {
    size_t k = place.run[kind];
    const size_t end = place.run[kind + 1];
    if (k == end) continue;
    const Factors factors = FactorsOf(kind, price);
    double lanes[kLanes] = {};
    for (; k + kLanes <= end; k += kLanes) {
      for (size_t lane = 0; lane < kLanes; ++lane) {
        const double x = a_[k + lane] * factors.g - b_[k + lane] * factors.h;
        lanes[lane] += Clamped(x - least_[k + lane], 0, most_[k + lane]);
      }
    }
    for (; k < end; ++k) {
      lanes[0] += Clamped(a_[k] * factors.g - b_[k] * factors.h - least_[k], 0, most_[k]);
    }
    sum += (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  }
  for (const int32_t cell : place.others) {
    const auto i = static_cast<size_t>(cell);
    sum += Of(i, beside.empty() ? price : price + beside[i]) - bounds_[i].least;
  }
  return sum;
}

void CellsDemand::Each(size_t at, double price, const std::vector<double>& beside,
                       std::vector<double>* demand) const {
  const Place& place = places_[at];
  for (size_t kind = 0; kind < kLinear; ++kind) {
    if (place.run[kind] == place.run[kind + 1]) continue;
    const Factors factors = FactorsOf(kind, price);
    for (size_t k = place.run[kind]; k < place.run[kind + 1]; ++k) {
      (*demand)[static_cast<size_t>(cell_[k])] =
          least_[k] + Clamped(a_[k] * factors.g - b_[k] * factors.h - least_[k], 0, most_[k]);
    }
  }
  for (const int32_t cell : place.others) {
    const auto i = static_cast<size_t>(cell);
    (*demand)[i] = Of(i, beside.empty() ? price : price + beside[i]);
  }
}

bool CellsDemand::Unbounded(size_t i) const {
  const Cell& cell = input_.cells[i];
  return cell.curve.kind == Kind::kSqrt && cell.curve.a > 0 && cell.min_micros == 0 &&
         cell.max_micros > 0;
}

double CellsDemand::Of(size_t i, double price) const {
  const Bounds& bounds = bounds_[i];
  const ResponseCurve& curve = input_.cells[i].curve;
  if (modes_[i] == CellMode::kUnused) return bounds.least;
  if (curve.a == 0 && curve.kind != Kind::kPiecewiseLinear) return bounds.least;
  double x = ConcaveDemand(curve, price);
  if (modes_[i] == CellMode::kEnvelope && bounds.tangent > 0) {
    x = price >= bounds.tangent_slope ? 0 : std::max(x, bounds.tangent);
  }
  return Clamped(x, bounds.least, bounds.most);
}

}  // namespace tenure::budget
