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

// What a cap leaves beyond what must be there anyway.
double Beyond(int64_t cap_micros, int64_t needed_micros) {
  return cap_micros == kUncapped ? kInfinity : UnitsFromMicros(cap_micros - needed_micros);
}

double Guess(double price) { return price > 0 && std::isfinite(price) ? price : 1; }

double Envelope(const ResponseCurve& curve, double x) {
  const double tangent = TangentPoint(curve);
  if (x >= tangent) return CurveValue(curve, x);
  return CurveValue(curve, tangent) / tangent * x;
}

}  // namespace

CellsPrices::CellsPrices(const CellsInput& input, const std::vector<CellMode>& modes, double start,
                         CellsStop* stop)
    : input_(input),
      demand_(input, modes),
      nodes_(input.groups.size() + 1),
      order_(ChildrenFirst(input.groups)),
      price_(start),
      inside_(nodes_.size(), 0),
      limit_price_(input.limits.size(), 0) {
  if (!input.limits.empty()) beside_.assign(input.cells.size(), 0);
  for (size_t l = 0; l < input.limits.size(); ++l) {
    int64_t needed = 0;
    bool unbounded = false;
    for (const int32_t cell : input.limits[l].cells) {
      needed += input.cells[static_cast<size_t>(cell)].min_micros;
      unbounded = unbounded || demand_.Unbounded(static_cast<size_t>(cell));
    }
    limit_cap_.push_back(Beyond(input.limits[l].cap_micros, needed));
    if (limit_cap_[l] == 0 && unbounded) SetLimitPrice(l, kInfinity);
  }
  AddNodes();
  FindGroupPrices();
  FindLimitPrices(stop);
}

void CellsPrices::AddNodes() {
  const size_t budget = nodes_.size() - 1;
  const auto above = [&](size_t g) {
    const int32_t parent = input_.groups[g].parent;
    return parent < 0 ? budget : static_cast<size_t>(parent);
  };
  std::vector<int64_t> needed(nodes_.size(), 0);
  std::vector<bool> unbounded(nodes_.size(), false);
  for (size_t i = 0; i < input_.cells.size(); ++i) {
    needed[PlaceOf(i)] += input_.cells[i].min_micros;
    const bool limited = !beside_.empty() && beside_[i] == kInfinity;
    if (!limited && demand_.Unbounded(i)) unbounded[PlaceOf(i)] = true;
  }
  for (const size_t g : order_) {
    const CellGroup& group = input_.groups[g];
    Node& node = nodes_[g];
    node.cap = Beyond(group.cap_micros, needed[g]);
    node.floor = UnitsFromMicros(std::max<int64_t>(0, group.floor_micros - needed[g]));
    node.unbounded = unbounded[g] && node.cap == 0;
    if (unbounded[g] && node.floor == 0 && node.cap > 0) unbounded[above(g)] = true;
    needed[above(g)] += std::max(needed[g], group.floor_micros);
    nodes_[above(g)].children.push_back(g);
  }
  nodes_[budget].cap = UnitsFromMicros(input_.budget_micros - needed[budget]);
  nodes_[budget].unbounded = unbounded[budget] && nodes_[budget].cap == 0;
  // Sums are taken in the order of ids, wherever a group stands in the input.
  for (Node& node : nodes_) {
    std::sort(node.children.begin(), node.children.end(),
              [&](size_t a, size_t b) { return input_.groups[a].id < input_.groups[b].id; });
  }
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
    return std::isfinite(node.cap_price) ? node.cap - node.floor : Wanted(group, node.cap_price);
  }
  if (price > node.floor_price) return 0;
  return std::max(Wanted(group, price) - node.floor, 0.0);
}

void CellsPrices::FindGroupPrices() {
  const auto find = [&](size_t place, double limit, double guess) {
    const auto wanted = [&](double price) { return Wanted(place, price); };
    return nodes_[place].unbounded ? kInfinity : LowestPrice(wanted, limit, Guess(guess));
  };
  for (const size_t g : order_) {
    Node& node = nodes_[g];
    node.cap_price = std::isfinite(node.cap) ? find(g, node.cap, node.cap_price) : 0;
    node.floor_price = node.floor > 0 ? find(g, node.floor, node.floor_price) : kInfinity;
  }
  const size_t budget = nodes_.size() - 1;
  price_ = find(budget, nodes_[budget].cap, price_);
  FindInside();
}

void CellsPrices::FindInside() {
  const size_t budget = nodes_.size() - 1;
  inside_[budget] = price_;
  for (auto g = order_.rbegin(); g != order_.rend(); ++g) {
    const int32_t parent = input_.groups[*g].parent;
    const double above = inside_[parent < 0 ? budget : static_cast<size_t>(parent)];
    const Node& node = nodes_[*g];
    inside_[*g] = std::max(above, node.cap_price);
    if (above <= node.floor_price) continue;
    // At its parent's price it may want as much as its floor just so.
    const bool binds = Wanted(*g, above) < node.floor - kFilled * node.floor;
    if (binds) inside_[*g] = node.floor_price;
  }
}

void CellsPrices::FindLimitPrices(CellsStop* stop) {
  bool holds = true;
  for (size_t l = 0; l < limit_price_.size(); ++l) {
    holds = holds && Limited(l) <= limit_cap_[l];
  }
  if (holds) return;
  double moved = 1;
  for (int turn = 0; turn < kTurns && moved > kSettled && !stop->stopped(); ++turn) {
    moved = 0;
    for (size_t l = 0; l < limit_price_.size(); ++l) {
      const double before = limit_price_[l];
      if (before == kInfinity) continue;
      if (stop->Now()) break;
      FindLimitPrice(l, stop);
      const double larger = std::max(before, limit_price_[l]);
      if (larger > 0) moved = std::max(moved, std::abs(limit_price_[l] - before) / larger);
    }
    if (limit_price_.size() == 1) break;  // nothing else that could move it
  }
  HoldLimits();
}

void CellsPrices::FindLimitPrice(size_t limit, CellsStop* stop) {
  const double cap = limit_cap_[limit];
  const double before = limit_price_[limit];
  const auto limited = [&](double price) {
    if (stop->Now()) return cap;  // which ends the search
    SetLimitPrice(limit, price);
    FindGroupPrices();
    return Limited(limit);
  };
  const double found = LowestPrice(limited, cap, Guess(before));
  SetLimitPrice(limit, stop->stopped() ? before : found);
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
    sum += demand_.Of(i, Of(i)) - demand_.Least(i);
  }
  return sum;
}

void CellsPrices::HoldLimits() {
  for (size_t l = 0; l < limit_price_.size(); ++l) {
    const double cap = limit_cap_[l];
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
  const double above = inside_[parent < 0 ? nodes_.size() - 1 : static_cast<size_t>(parent)];
  return inside_[group] == above ? 0 : inside_[group] - above;
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
  const std::vector<double> demand = Demand(1);
  const Slack groups = GroupSlack(demand);
  const Slack limits = LimitSlack(demand);
  double bound = groups.value + limits.value;
  double size = groups.size + limits.size;
  for (size_t i = 0; i < demand.size(); ++i) {
    const double value = Envelope(input_.cells[i].curve, demand[i]);
    bound += value;
    size += value;
  }
  return bound + 64 * 0x1.0p-53 * size;  // a few last places in each power and logarithm
}

// Every place's price times what comes into it, its cells and groups don't want. Where a price is
// infinite nothing comes in and nothing is wanted.
CellsPrices::Slack CellsPrices::GroupSlack(const std::vector<double>& demand) const {
  std::vector<double> wanted(nodes_.size(), 0);
  for (size_t i = 0; i < demand.size(); ++i) {
    wanted[PlaceOf(i)] += demand[i] - demand_.Least(i);
  }
  Slack slack;
  const auto add = [&](size_t place, double in) {
    if (inside_[place] == 0 || inside_[place] == kInfinity) return;
    slack.value += inside_[place] * (in - wanted[place]);
    slack.size += inside_[place] * (in + wanted[place]);
  };
  for (const size_t g : order_) {
    const int32_t parent = input_.groups[g].parent;
    const double price = Group(g);
    double in = wanted[g];
    if (price != 0) in = price > 0 ? nodes_[g].cap : nodes_[g].floor;
    add(g, in);
    wanted[parent < 0 ? nodes_.size() - 1 : static_cast<size_t>(parent)] += in - nodes_[g].floor;
  }
  add(nodes_.size() - 1, nodes_.back().cap);
  return slack;
}

CellsPrices::Slack CellsPrices::LimitSlack(const std::vector<double>& demand) const {
  Slack slack;
  for (size_t l = 0; l < limit_price_.size(); ++l) {
    if (limit_price_[l] == 0 || limit_price_[l] == kInfinity) continue;
    double wanted = 0;
    for (const int32_t cell : input_.limits[l].cells) {
      const auto i = static_cast<size_t>(cell);
      wanted += demand[i] - demand_.Least(i);
    }
    slack.value += limit_price_[l] * (limit_cap_[l] - wanted);
    slack.size += limit_price_[l] * (limit_cap_[l] + wanted);
  }
  return slack;
}

}  // namespace tenure::budget
