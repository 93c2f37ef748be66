#include "server/budget/packed_demand.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "server/budget/plan_amount.h"

namespace tenure::budget {
namespace {

constexpr uint32_t kLanes = PackedOffers::kLanes;
constexpr size_t kFewIncrements = 4'000;  // are sorted, not sampled
constexpr size_t kNodeIncrements = 128;   // sampled at least of each node
constexpr size_t kUndecided = 4'096;      // customers that Near() leaves, of all nodes together
constexpr size_t kUndecidedOfNode = 64;   // at least
constexpr double kDeviations = 4;
constexpr int kRounds = 4;        // of narrowing
constexpr double kMargin = 1e-6;  // of a price, for its own increments

using Increments = std::vector<PackedIncrement>;

}  // namespace

void NodeDemand::Add(const SweepTotals& totals, Increments increments) {
  value += totals.score_low + range.low * static_cast<double>(totals.cost);
  cost += totals.cost;
  cost_low += totals.cost_low;
  cost_high += totals.cost_high;
  if (!increments.empty()) parts.push_back(std::move(increments));
}

size_t NodeDemand::Count() const {
  size_t count = 0;
  for (const Increments& part : parts) count += part.size();
  return count;
}

NodeDemand NodeDemand::Narrowed(const PriceRange& to, double unit) const {
  NodeDemand narrowed = {to, value, cost, cost_low, cost_high, {}, blocks, square};
  Increments inside;
  for (const Increments& part : parts) {
    for (const PackedIncrement& its : part) {
      const double price = its.efficiency * unit;
      if (price >= to.high) {
        narrowed.cost_high += its.cost;
      } else if (price <= to.low) {
        narrowed.cost_low -= its.cost;
      } else {
        inside.push_back(its);
      }
    }
  }
  if (!inside.empty()) narrowed.parts.push_back(std::move(inside));
  return narrowed;
}

PackedDemand::PackedDemand(const PlanProblem& tree, const PackedOffers& offers)
    : tree_(tree), offers_(offers), unit_(static_cast<double>(offers.unit_micros())) {}

void PackedDemand::Start(const std::vector<PriceRange>& ranges) {
  nodes_.assign(offers_.nodes(), {});
  for (size_t node = 0; node < nodes_.size(); ++node) nodes_[node].range = ranges[node];
}

std::vector<PriceRange> PackedDemand::Ranges() const {
  std::vector<PriceRange> ranges;
  for (const NodeDemand& node : nodes_) ranges.push_back(node.range);
  return ranges;
}

std::vector<int64_t> PackedDemand::BaseOfDecided() const {
  std::vector<int64_t> base = tree_.base;
  for (size_t node = 0; node < nodes_.size(); ++node) {
    base[node] = AddCapped(base[node], MultiplyCapped(nodes_[node].cost, offers_.unit_micros()));
  }
  return base;
}

uint32_t PackedDemand::BlocksOf(size_t node) const {
  return offers_.first_block(node + 1) - offers_.first_block(node);
}

// One over the part of the node's blocks that was looked at.
double PackedDemand::Weight(size_t node) const {
  return nodes_[node].blocks == 0 ? 1 : static_cast<double>(BlocksOf(node)) / nodes_[node].blocks;
}

size_t PackedDemand::Count() const {
  size_t count = 0;
  for (const NodeDemand& node : nodes_) count += node.Count();
  return count;
}

// What is bought at the high ends, by all if those not looked at are like the others.
std::vector<int64_t> PackedDemand::BaseOfBought() const {
  std::vector<int64_t> base = tree_.base;
  for (size_t node = 0; node < nodes_.size(); ++node) {
    const int64_t cost = nodes_[node].cost + nodes_[node].cost_high;
    base[node] =
        AddCapped(base[node], nodes_[node].blocks == BlocksOf(node)
                                  ? MultiplyCapped(cost, offers_.unit_micros())
                                  : RoundCapped(static_cast<double>(cost) * unit_ * Weight(node)));
  }
  return base;
}

// As money, each weighed by its node's weight.
std::vector<std::vector<Increment>> PackedDemand::Charged(const std::vector<Increments>& of,
                                                          const std::vector<double>& weight) const {
  std::vector<std::vector<Increment>> charged(of.size());
  for (size_t node = 0; node < of.size(); ++node) {
    charged[node].reserve(of[node].size());
    for (const PackedIncrement& its : of[node]) {
      const int64_t charge = MultiplyCapped(its.cost, offers_.unit_micros());
      charged[node].push_back(
          {its.efficiency,
           weight[node] == 1 ? charge : RoundCapped(static_cast<double>(charge) * weight[node])});
    }
  }
  return charged;
}

void PackedDemand::AddUpwards(size_t node, double amount, std::vector<double>* sums) const {
  for (auto up = static_cast<int32_t>(node); up >= 0; up = tree_.parent[static_cast<size_t>(up)]) {
    (*sums)[static_cast<size_t>(up)] += amount;
  }
}

// How much what one customer is charged differs from the next.
void PackedDemand::MeasureCharges(const std::vector<double>& prices) {
  for (size_t node = 0; node < nodes_.size(); ++node) {
    double sum = 0;
    for (const Increments& part : nodes_[node].parts) {
      for (size_t i = 0; i < part.size();) {
        const uint32_t place = part[i].place;
        double charge = 0;
        for (; i < part.size() && part[i].place == place; ++i) {
          if (part[i].efficiency > prices[node]) charge += part[i].cost * unit_;
        }
        sum += charge * charge;
      }
    }
    nodes_[node].square = sum / std::max(1.0, double{kLanes} * nodes_[node].blocks);
  }
}

PackedDemand::Sample PackedDemand::Draw(size_t most) const {
  const size_t every_of_all = Count() / most + 1;
  std::vector<Increments> drawn(nodes_.size());
  std::vector<double> scale(nodes_.size(), 1);
  Sample sample{{}, std::vector<double>(nodes_.size(), 0)};
  for (size_t node = 0; node < nodes_.size(); ++node) {
    const NodeDemand& its = nodes_[node];
    const size_t every = std::clamp<size_t>(its.Count() / kNodeIncrements, 1, every_of_all);
    size_t next = 0;
    double sum = 0;
    double squares = 0;
    for (const Increments& part : its.parts) {
      for (; next < part.size(); next += every) {
        drawn[node].push_back(part[next]);
        const double charge = part[next].cost * unit_;
        sum += charge;
        squares += charge * charge;
      }
      next -= part.size();
    }
    const double between = static_cast<double>(its.cost_low - its.cost_high) * unit_;
    if (sum > 0) scale[node] = between * Weight(node) / sum;
    // Between ends that are known the deviation is at most half of the sum's.
    if (every > 1) AddUpwards(node, squares * scale[node] * scale[node] / 4, &sample.squares);
  }
  sample.curves = CurvesOf(Charged(drawn, scale));
  return sample;
}

std::vector<double> PackedDemand::Narrow(size_t most) {
  Sample sample = Draw(most);
  PlanProblem problem = tree_;
  problem.base = BaseOfBought();
  std::vector<double> prices = PricesOfTree(problem, sample.curves);
  if (most == kAllIncrements) MeasureCharges(prices);
  for (size_t node = 0; node < nodes_.size(); ++node) {
    const auto customers = static_cast<double>(BlocksOf(node)) * kLanes;
    AddUpwards(node, nodes_[node].square * customers * (Weight(node) - 1), &sample.squares);
  }
  std::vector<double> error;
  for (const double squares : sample.squares) error.push_back(kDeviations * std::sqrt(squares));
  const PathRange within = PricesWithin(problem, sample.curves, error);
  for (size_t node = 0; node < nodes_.size(); ++node) {
    const PriceRange& range = nodes_[node].range;
    const auto inside = [&](double price) { return std::clamp(price, range.low, range.high); };
    nodes_[node] = nodes_[node].Narrowed({inside(within.low[node] * unit_ * (1 - kMargin)),
                                          inside(within.high[node] * unit_ * (1 + kMargin))},
                                         unit_);
  }
  return prices;
}

std::vector<double> PackedDemand::FindPrices() {
  // Of the increments that a sample leaves, or of all of them where it has misled.
  const std::vector<NodeDemand> all = nodes_;
  for (int round = 0; round < kRounds && Count() > kFewIncrements; ++round) Narrow(kFewIncrements);
  std::vector<double> prices = SortIncrements();
  const bool misled = !AllInside(prices);
  nodes_ = all;
  return misled ? SortIncrements() : prices;
}

std::vector<double> PackedDemand::SortIncrements() const {
  PlanProblem problem = tree_;
  problem.base = BaseOfBought();
  std::vector<Increments> increments(nodes_.size());
  std::vector<double> weight(nodes_.size());
  for (size_t node = 0; node < nodes_.size(); ++node) {
    weight[node] = Weight(node);
    for (const Increments& part : nodes_[node].parts) {
      increments[node].insert(increments[node].end(), part.begin(), part.end());
    }
  }
  return PricesOfTree(problem, CurvesOf(Charged(increments, weight)));
}

bool PackedDemand::AllInside(const std::vector<double>& prices) const {
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (!Inside(node, prices[node])) return false;
  }
  return true;
}

bool PackedDemand::Inside(size_t node, double price) const {
  if (BlocksOf(node) == 0) return true;
  const PriceRange& range = nodes_[node].range;
  price *= unit_;
  return (price > range.low || range.low == 0) &&
         (price < range.high || range.high == kHighestPrice || price == range.low);
}

std::vector<PriceRange> PackedDemand::Widened(const std::vector<double>& prices) const {
  std::vector<PriceRange> ranges = Ranges();
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (Inside(node, prices[node])) continue;
    PriceRange& range = ranges[node];
    const double width = std::max(range.high - range.low, 0.05 * range.high);
    range.low = std::max(0.0, range.low - 2 * width);
    range.high = range.high == 0 ? kHighestPrice : std::min(kHighestPrice, range.high + 4 * width);
  }
  return ranges;
}

std::vector<PriceRange> PackedDemand::Near(const std::vector<double>& prices) const {
  size_t nodes = 0;
  for (const NodeDemand& node : nodes_) nodes += node.parts.empty() ? 0 : 1;
  const size_t most = std::max(kUndecidedOfNode, kUndecided / std::max<size_t>(nodes, 1)) / 2;
  const auto nth = static_cast<std::ptrdiff_t>(most);
  std::vector<PriceRange> ranges = Ranges();
  for (size_t node = 0; node < nodes_.size(); ++node) {
    std::vector<double> below;
    std::vector<double> above;
    for (const Increments& part : nodes_[node].parts) {
      for (const PackedIncrement& its : part) {
        if (its.efficiency < prices[node]) below.push_back(its.efficiency);
        if (its.efficiency > prices[node]) above.push_back(its.efficiency);
      }
    }
    if (below.size() > most) {
      std::nth_element(below.begin(), below.begin() + nth, below.end(), std::greater<>());
      ranges[node].low = below[most] * unit_;
    }
    if (above.size() > most) {
      std::nth_element(above.begin(), above.begin() + nth, above.end());
      ranges[node].high = above[most] * unit_;
    }
  }
  return ranges;
}

}  // namespace tenure::budget
