#include "server/budget/cells_prices.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/base/money.h"
#include "server/budget/cells_check.h"
#include "server/budget/lowest_price.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kTurns = 32;
constexpr double kSettled = 1e-11;  // a limit's price moves by less of itself

double UnitsOrInfinity(int64_t micros) {
  return micros == kUncapped ? kInfinity : UnitsFromMicros(micros);
}

double Guess(double price) { return price > 0 && std::isfinite(price) ? price : 1; }

double Envelope(const ResponseCurve& curve, double x) {
  const double tangent = TangentPoint(curve);
  if (x >= tangent) return CurveValue(curve, x);
  return CurveValue(curve, tangent) / tangent * x;
}

}  // namespace

CellsPrices::CellsPrices(const CellsInput& input, const std::vector<CellMode>& modes, double start)
    : input_(input),
      demand_(input, modes),
      budget_(UnitsFromMicros(input.budget_micros)),
      nodes_(input.groups.size() + 1),
      order_(ChildrenFirst(input.groups)),
      price_(start),
      inside_(nodes_.size(), 0),
      limit_price_(input.limits.size(), 0) {
  for (size_t g = 0; g + 1 < nodes_.size(); ++g) {
    nodes_[g].cap = UnitsOrInfinity(input.groups[g].cap_micros);
    nodes_[g].floor = UnitsFromMicros(input.groups[g].floor_micros);
    const int32_t parent = input.groups[g].parent;
    nodes_[parent < 0 ? nodes_.size() - 1 : static_cast<size_t>(parent)].children.push_back(g);
  }
  // Sums are taken in the order of ids, wherever a group stands in the input.
  for (Node& node : nodes_) {
    std::sort(node.children.begin(), node.children.end(),
              [&](size_t a, size_t b) { return input.groups[a].id < input.groups[b].id; });
  }
  if (!input.limits.empty()) beside_.assign(input.cells.size(), 0);
  FindGroupPrices();
  FindLimitPrices();
}

double CellsPrices::Wanted(size_t place, double price) const {
  double wanted = demand_.Sum(place, price, beside_);
  for (const size_t child : nodes_[place].children) wanted += Taken(child, price);
  return wanted;
}

double CellsPrices::Taken(size_t group, double price) const {
  const Node& node = nodes_[group];
  // Below its own price it wants more than its cap, and gets that.
  if (price < node.cap_price) {
    return std::isfinite(node.cap_price) ? node.cap : Wanted(group, node.cap_price);
  }
  if (price > node.floor_price) return node.floor;
  return std::max(Wanted(group, price), node.floor);
}

void CellsPrices::FindGroupPrices() {
  for (const size_t g : order_) {
    Node& node = nodes_[g];
    const auto wanted = [&](double price) { return Wanted(g, price); };
    const double cap_guess = Guess(node.cap_price);
    node.cap_price = std::isfinite(node.cap) ? LowestPrice(wanted, node.cap, cap_guess) : 0;
    const double floor_guess = Guess(node.floor_price);
    node.floor_price = node.floor > 0 ? LowestPrice(wanted, node.floor, floor_guess) : kInfinity;
  }
  const size_t budget = nodes_.size() - 1;
  price_ = LowestPrice([&](double price) { return Wanted(budget, price); }, budget_, Guess(price_));
  inside_[budget] = price_;
  for (auto g = order_.rbegin(); g != order_.rend(); ++g) {
    const int32_t parent = input_.groups[*g].parent;
    const double above = inside_[parent < 0 ? budget : static_cast<size_t>(parent)];
    const Node& node = nodes_[*g];
    inside_[*g] = above < node.cap_price ? node.cap_price : std::min(above, node.floor_price);
  }
}

void CellsPrices::FindLimitPrices() {
  bool holds = true;
  for (size_t l = 0; l < limit_price_.size(); ++l) {
    holds = holds && Limited(l) <= UnitsOrInfinity(input_.limits[l].cap_micros);
  }
  if (holds) return;
  double moved = 1;
  for (int turn = 0; turn < kTurns && moved > kSettled; ++turn) {
    moved = 0;
    for (size_t l = 0; l < limit_price_.size(); ++l) {
      const double before = limit_price_[l];
      FindLimitPrice(l);
      const double larger = std::max(before, limit_price_[l]);
      if (larger > 0) moved = std::max(moved, std::abs(limit_price_[l] - before) / larger);
    }
    if (limit_price_.size() == 1) break;  // nothing else that could move it
  }
  HoldLimits();
}

void CellsPrices::FindLimitPrice(size_t limit) {
  const auto limited = [&](double price) {
    SetLimitPrice(limit, price);
    FindGroupPrices();
    return Limited(limit);
  };
  const double cap = UnitsOrInfinity(input_.limits[limit].cap_micros);
  const double found = LowestPrice(limited, cap, Guess(limit_price_[limit]));
  SetLimitPrice(limit, found);
  FindGroupPrices();
}

void CellsPrices::SetLimitPrice(size_t limit, double price) {
  limit_price_[limit] = price;
  // Summed anew, so that it does not depend on what was tried.
  std::fill(beside_.begin(), beside_.end(), 0.0);
  for (size_t l = 0; l < limit_price_.size(); ++l) {
    if (limit_price_[l] == 0) continue;
    for (const int32_t cell : input_.limits[l].cells) {
      beside_[static_cast<size_t>(cell)] += limit_price_[l];
    }
  }
}

double CellsPrices::Limited(size_t limit) const {
  double sum = 0;
  for (const int32_t cell : input_.limits[limit].cells) {
    const auto i = static_cast<size_t>(cell);
    sum += demand_.Of(i, Of(i));
  }
  return sum;
}

void CellsPrices::HoldLimits() {
  for (size_t l = 0; l < limit_price_.size(); ++l) {
    const double cap = UnitsOrInfinity(input_.limits[l].cap_micros);
    if (Limited(l) <= cap) continue;
    const double before = limit_price_[l];
    const auto limited = [&](double more) {
      SetLimitPrice(l, before + more);
      return Limited(l);
    };
    const double more = LowestPrice(limited, cap, Guess(before * 1e-9));
    SetLimitPrice(l, before + more);
  }
}

double CellsPrices::Group(size_t group) const {
  const int32_t parent = input_.groups[group].parent;
  return inside_[group] - inside_[parent < 0 ? nodes_.size() - 1 : static_cast<size_t>(parent)];
}

std::vector<double> CellsPrices::Demand(double scale) const {
  std::vector<double> demand(input_.cells.size(), 0);
  std::vector<double> beside = beside_;
  for (double& price : beside) price *= scale;
  for (size_t place = 0; place < nodes_.size(); ++place) {
    demand_.Each(place, inside_[place] * scale, beside, &demand);
  }
  return demand;
}

double CellsPrices::Bound() const {
  double bound = price_ * budget_;
  double size = bound;
  const auto add = [&](double part) {
    bound += part;
    size += std::abs(part);
  };
  for (size_t g = 0; g + 1 < nodes_.size(); ++g) {
    const double price = Group(g);
    if (price != 0) add(price * (price > 0 ? nodes_[g].cap : nodes_[g].floor));
  }
  for (size_t l = 0; l < limit_price_.size(); ++l) {
    if (limit_price_[l] > 0) add(limit_price_[l] * UnitsFromMicros(input_.limits[l].cap_micros));
  }
  const std::vector<double> demand = Demand(1);
  for (size_t i = 0; i < demand.size(); ++i) {
    const double value = Envelope(input_.cells[i].curve, demand[i]);
    const double cost = Of(i) * demand[i];
    bound += value - cost;
    size += std::abs(value) + std::abs(cost);
  }
  return bound + 64 * 0x1.0p-53 * size;  // a few last places in each power and logarithm
}

}  // namespace tenure::budget
