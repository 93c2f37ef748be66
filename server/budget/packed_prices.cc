#include "server/budget/packed_prices.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "server/budget/plan_demand.h"
#include "server/budget/plan_prices.h"
#include "server/budget/plan_sum.h"

namespace tenure::budget {
namespace {

constexpr uint32_t kChunkBlocks = 512;
constexpr uint32_t kLanes = PackedOffers::kLanes;
constexpr uint32_t kSampleBlocks = 2'000;   // at least, of all nodes together
constexpr uint32_t kNodeSampleBlocks = 48;  // at least, of each node
constexpr uint32_t kSampleEvery = 100;      // blocks
// Up to so many places nothing is sampled: everybody is undecided at first.
constexpr uint32_t kFewPlaces = 40'000;
constexpr size_t kFewUndecided = 8'000;  // or one in a hundred: then increments are sorted
constexpr double kDeviations = 4;        // of the sample's usage, that the bracket allows for
constexpr int kRounds = 4;               // of narrowing
constexpr double kMostMicros = 9e18;
constexpr int kAttempts = 6;  // brackets tried before everybody is undecided

// One node's customers as a pass left them.
struct NodeState {
  PriceRange range;  // of a unit of cost
  double value = 0;  // of the decided
  int64_t cost = 0;
  int64_t cost_low = 0;  // of the undecided at the ends of the range
  int64_t cost_high = 0;
  std::vector<uint32_t> undecided;

  void Add(const SweepTotals& totals) {
    value += totals.score_low + range.low * static_cast<double>(totals.cost);
    cost += totals.cost;
    cost_low += totals.cost_low;
    cost_high += totals.cost_high;
  }
};

class PriceSearch {
 public:
  PriceSearch(const PlanProblem& tree, const PackedOffers& offers, const PackedOptions& options,
              const std::function<bool()>& stop)
      : tree_(tree),
        offers_(offers),
        options_(options),
        stop_(stop),
        unit_(static_cast<double>(offers.unit_micros())),
        chunks_(ChunksOf(offers)) {
    found_.choice.resize(offers.places());
  }

  PackedPrices Run() {
    std::vector<PriceRange> ranges = FirstRanges();
    for (int attempt = 0;; ++attempt) {
      if (stop_()) return Stopped();
      if (attempt == kAttempts) ranges.assign(offers_.nodes(), {0, kHighestPrice});
      SweepAll(ranges);
      if (found_.malformed) return std::move(found_);
      // A narrower bracket that misses costs a pass; the second attempt does without.
      if (attempt % 2 == 0) Narrow();
      SortIncrements();
      if (attempt >= kAttempts || AllInside()) break;
      Widen(attempt % 2 == 0, &ranges);
    }
    Value();
    return std::move(found_);
  }

 private:
  bool Few() const { return offers_.places() <= kFewPlaces; }
  uint32_t BlocksOf(size_t node) const {
    return offers_.first_block(node + 1) - offers_.first_block(node);
  }

  std::vector<PriceRange> FirstRanges() {
    std::vector<PriceRange> ranges(offers_.nodes(), {0, kHighestPrice});
    if (!options_.start_prices.empty()) {
      for (size_t node = 0; node < ranges.size(); ++node) {
        guess_.push_back(options_.start_prices[node] * 1e-6);
        const double price = guess_[node] * unit_;
        // Plans change by a few per cent from one day to the next.
        if (price > 0) ranges[node] = {price * 0.97, price * 1.03};
        if (price == 0) ranges[node] = {0, 0};
      }
      return Few() ? std::vector<PriceRange>(offers_.nodes(), {0, kHighestPrice}) : ranges;
    }
    const PlanProblem sample = Sample();
    const std::vector<DemandCurve> curves = CurvesOf(WeightedIncrements(sample));
    guess_ = PricesOfTree(sample, curves);
    if (Few()) return ranges;
    return Bracket(sample, curves, UsageErrors(sample), ranges);
  }

  // The prices that caps so much smaller and larger would have, within `ranges`: whether it is a
  // node's own cap or its parent's that binds, the right price lies between.
  std::vector<PriceRange> Bracket(const PlanProblem& sample, const std::vector<DemandCurve>& curves,
                                  const std::vector<double>& error,
                                  const std::vector<PriceRange>& ranges) const {
    std::vector<std::vector<double>> paths;
    for (const double sign : {-1.0, 1.0}) {
      PlanProblem moved = sample;
      for (size_t node = 0; node < moved.cap.size(); ++node) {
        const auto move = [&](int64_t micros) {
          const double to = static_cast<double>(micros) + sign * error[node];
          return static_cast<int64_t>(std::llround(std::clamp(to, 0.0, kMostMicros)));
        };
        if (moved.floor[node] > 0) moved.floor[node] = move(moved.floor[node]);
        if (moved.cap[node] == kUncapped) continue;
        moved.cap[node] = std::max(moved.floor[node], move(moved.cap[node]));
      }
      paths.push_back(PricesOfTree(moved, curves));
    }
    std::vector<PriceRange> bracket;
    for (size_t node = 0; node < ranges.size(); ++node) {
      const double one = std::min(paths[0][node] * unit_, ranges[node].high);
      const double other = std::min(paths[1][node] * unit_, ranges[node].high);
      const double low = std::min(one, other);
      const double high = std::max(one, other);
      const double more = 0.1 * (high - low) + 1e-6 * high;
      bracket.push_back({std::clamp(low - more, ranges[node].low, ranges[node].high),
                         std::clamp(high + more, ranges[node].low, ranges[node].high)});
    }
    return bracket;
  }

  // Every so many blocks of each node.
  PlanProblem Sample() {
    std::vector<std::vector<uint32_t>> places(offers_.nodes());
    const uint32_t every = std::clamp(offers_.blocks() / kSampleBlocks, 1u, kSampleEvery);
    weight_.assign(offers_.nodes(), 1);
    for (size_t node = 0; node < offers_.nodes(); ++node) {
      const uint32_t blocks = BlocksOf(node);
      const uint32_t step = std::min(every, std::max(1u, blocks / kNodeSampleBlocks));
      uint32_t taken = 0;
      for (uint32_t block = 0; block < blocks; block += step, ++taken) {
        for (uint32_t lane = 0; lane < kLanes; ++lane) {
          places[node].push_back((offers_.first_block(node) + block) * kLanes + lane);
        }
      }
      if (taken > 0) weight_[node] = static_cast<double>(blocks) / taken;
    }
    return Problem(places, tree_.base);
  }

  std::vector<std::vector<Increment>> WeightedIncrements(const PlanProblem& sample) const {
    std::vector<std::vector<Increment>> increments = IncrementsByNode(sample);
    for (size_t node = 0; node < increments.size(); ++node) {
      for (Increment& increment : increments[node]) {
        increment.charge = std::llround(static_cast<double>(increment.charge) * weight_[node]);
      }
    }
    return increments;
  }

  // How far each node's usage may be from what the sample says: by what customers take, not by
  // increments, which come together.
  std::vector<double> UsageErrors(const PlanProblem& sample) const {
    std::vector<double> usage(sample.node_count(), 0);
    std::vector<double> squares(sample.node_count(), 0);
    const PlanPrices prices{guess_, {}};
    for (uint32_t customer = 0; customer < sample.customers; ++customer) {
      const int32_t leaf = sample.node[sample.first[customer]];
      double best = 0;
      double charge = 0;
      for (size_t i = sample.first[customer]; i < sample.first[customer + 1]; ++i) {
        const double score = Score(sample, prices, i);
        if (score <= best) continue;
        best = score;
        charge = static_cast<double>(sample.charge[i]) * weight_[static_cast<size_t>(leaf)];
      }
      for (int32_t node = leaf; node >= 0; node = sample.parent[static_cast<size_t>(node)]) {
        usage[static_cast<size_t>(node)] += charge;
        squares[static_cast<size_t>(node)] += charge * charge;
      }
    }
    // Relative to what the sample says, of what is there.
    std::vector<double> errors(sample.node_count(), kMostMicros);
    for (size_t node = 0; node < errors.size(); ++node) {
      if (sample.cap[node] == kUncapped) errors[node] = kDeviations * std::sqrt(squares[node]);
      if (sample.cap[node] == kUncapped || !(usage[node] > 0)) continue;
      errors[node] = kDeviations * std::sqrt(squares[node]) / usage[node] *
                     static_cast<double>(sample.cap[node]);
    }
    return errors;
  }

  PlanProblem Problem(const std::vector<std::vector<uint32_t>>& places,
                      const std::vector<int64_t>& base) {
    PlanProblem problem = tree_;
    problem.base = base;
    problem.first.assign(1, 0);
    found_.undecided_place.clear();
    for (size_t node = 0; node < places.size(); ++node) {
      for (const uint32_t place : places[node]) {
        for (uint32_t offer = 0; offer < offers_.offers(); ++offer) {
          const double value = static_cast<double>(offers_.value(place, offer));
          if (!(value > 0) || !std::isfinite(value)) continue;
          problem.charge.push_back(int64_t{offers_.cost(place, offer)} * offers_.unit_micros());
          problem.value.push_back(value);
          problem.node.push_back(static_cast<int32_t>(node));
          problem.offer.push_back(static_cast<int32_t>(offer));
          problem.source.push_back(static_cast<int32_t>(offer));
        }
        // Who has nothing to offer is no customer of the problem.
        if (problem.first.back() == problem.charge.size()) continue;
        problem.first.push_back(static_cast<uint32_t>(problem.charge.size()));
        found_.undecided_place.push_back(place);
      }
    }
    problem.customers = static_cast<uint32_t>(found_.undecided_place.size());
    return problem;
  }

  void SweepAll(const std::vector<PriceRange>& ranges) {
    std::vector<SweepTotals> totals(chunks_.size());
    std::vector<std::vector<uint32_t>> undecided(chunks_.size());
    ForEach(options_.threads, chunks_.size(), [&](size_t i) {
      const PackedChunk& chunk = chunks_[i];
      totals[i] = Sweep(options_.code, offers_, chunk.first, chunk.count, ranges[chunk.node],
                        &found_.choice[size_t{chunk.first} * kLanes], &undecided[i]);
    });
    nodes_.assign(offers_.nodes(), {});
    for (size_t node = 0; node < nodes_.size(); ++node) nodes_[node].range = ranges[node];
    found_.largest_values = 0;
    for (size_t i = 0; i < chunks_.size(); ++i) {
      NodeState& node = nodes_[chunks_[i].node];
      node.Add(totals[i]);
      node.undecided.insert(node.undecided.end(), undecided[i].begin(), undecided[i].end());
      undecided[i] = {};
      found_.largest_values += totals[i].largest_values;
      found_.malformed |= totals[i].malformed;
    }
  }

  size_t Undecided() const {
    size_t count = 0;
    for (const NodeState& node : nodes_) count += node.undecided.size();
    return count;
  }

  std::vector<int64_t> BaseOfDecided() const {
    std::vector<int64_t> base = tree_.base;
    for (size_t node = 0; node < nodes_.size(); ++node) {
      base[node] += nodes_[node].cost * offers_.unit_micros();
    }
    return base;
  }

  // A sample of the undecided has the shape of their demand between two ends that are known.
  void Narrow() {
    const size_t enough = std::max<size_t>(kFewUndecided, offers_.places() / 100);
    for (int round = 0; round < kRounds && Undecided() > enough && !stop_(); ++round) {
      const size_t every = Undecided() / kFewUndecided + 1;
      std::vector<std::vector<uint32_t>> sampled(nodes_.size());
      std::vector<int64_t> base = BaseOfDecided();
      for (size_t node = 0; node < nodes_.size(); ++node) {
        for (size_t i = 0; i < nodes_[node].undecided.size(); i += every) {
          sampled[node].push_back(nodes_[node].undecided[i]);
        }
        base[node] += nodes_[node].cost_high * offers_.unit_micros();
      }
      const PlanProblem sample = Problem(sampled, base);
      std::vector<std::vector<Increment>> increments = IncrementsByNode(sample);
      std::vector<double> error(nodes_.size(), 0);
      std::vector<PriceRange> ranges;
      for (size_t node = 0; node < nodes_.size(); ++node) {
        FitEnds(node, &increments[node]);
        double squares = 0;
        for (const Increment& increment : increments[node]) {
          squares += static_cast<double>(increment.charge) * static_cast<double>(increment.charge);
        }
        for (auto up = static_cast<int32_t>(node); up >= 0;
             up = tree_.parent[static_cast<size_t>(up)]) {
          error[static_cast<size_t>(up)] += squares;
        }
        ranges.push_back(nodes_[node].range);
      }
      // Both ends are known: in the middle the deviation is at most half of the sum's.
      for (double& its : error) its = kDeviations / 2 * std::sqrt(its);
      const std::vector<DemandCurve> curves = CurvesOf(std::move(increments));
      ranges = Bracket(sample, curves, error, ranges);
      for (size_t node = 0; node < nodes_.size(); ++node) {
        SweepUndecided(ranges[node], &nodes_[node]);
      }
    }
  }

  // Keeps the increments between the ends, scaled to what lies between them.
  void FitEnds(size_t node, std::vector<Increment>* increments) const {
    const NodeState& its = nodes_[node];
    std::erase_if(*increments, [&](const Increment& increment) {
      const double price = increment.efficiency * unit_;
      return price <= its.range.low || price > its.range.high;
    });
    double sum = 0;
    for (const Increment& increment : *increments) sum += static_cast<double>(increment.charge);
    if (!(sum > 0)) return;
    const double scale = static_cast<double>(its.cost_low - its.cost_high) * unit_ / sum;
    for (Increment& increment : *increments) {
      increment.charge = std::llround(static_cast<double>(increment.charge) * scale);
    }
  }

  void SweepUndecided(const PriceRange& range, NodeState* node) {
    const std::vector<uint32_t> before = std::move(node->undecided);
    node->undecided = {};
    node->range = range;
    node->cost_low = node->cost_high = 0;
    node->Add(SweepPlaces(offers_, before.data(), before.data() + before.size(), range,
                          found_.choice.data(), &node->undecided));
  }

  void SortIncrements() {
    std::vector<std::vector<uint32_t>> places(nodes_.size());
    for (size_t node = 0; node < nodes_.size(); ++node) places[node] = nodes_[node].undecided;
    found_.undecided = Problem(places, BaseOfDecided());
    found_.path = PricesOfTree(found_.undecided, CurvesOf(IncrementsByNode(found_.undecided)));
  }

  // Whether each price came out inside its bracket: then it is the price over everybody.
  bool AllInside() const {
    for (size_t node = 0; node < nodes_.size(); ++node) {
      if (!Inside(node)) return false;
    }
    return true;
  }
  bool Inside(size_t node) const {
    if (BlocksOf(node) == 0) return true;
    const PriceRange& range = nodes_[node].range;
    const double price = found_.path[node] * unit_;
    return (price > range.low || range.low == 0) &&
           (price < range.high || range.high == kHighestPrice || price == range.low);
  }

  void Widen(bool was_narrowed, std::vector<PriceRange>* ranges) const {
    for (size_t node = 0; node < nodes_.size(); ++node) {
      PriceRange& range = (*ranges)[node];
      // Inside the bracket before it was narrowed: that one will do.
      const double price = found_.path[node] * unit_;
      if (was_narrowed && price > range.low && price < range.high) continue;
      if (Inside(node)) continue;
      const double width = std::max(range.high - range.low, 0.05 * range.high);
      range.low = std::max(0.0, range.low - 2 * width);
      range.high =
          range.high == 0 ? kHighestPrice : std::min(kHighestPrice, range.high + 4 * width);
    }
  }

  // Everybody at the prices guessed: a bound and choices, which may be too many.
  PackedPrices Stopped() {
    std::vector<PriceRange> ranges;
    for (double& price : guess_) {
      price = std::min(price, kHighestPrice / unit_);
      ranges.push_back({price * unit_, price * unit_});
    }
    SweepAll(ranges);
    found_.path = guess_;
    found_.undecided = Problem(std::vector<std::vector<uint32_t>>(nodes_.size()), BaseOfDecided());
    found_.stopped = true;
    Value();
    return std::move(found_);
  }

  void Value() {
    found_.everybody = !found_.stopped;
    for (const NodeState& node : nodes_) {
      found_.everybody &= node.range.low == 0 && node.range.high == kHighestPrice;
    }
    ExactSum sum;
    ExactSum decided;
    for (size_t node = 0; node < nodes_.size(); ++node) {
      const double cost = static_cast<double>(nodes_[node].cost) * unit_;
      decided.Add(nodes_[node].value);
      sum.Add(nodes_[node].value);
      if (nodes_[node].cost > 0) sum.Add(-found_.path[node] * cost);
    }
    const PlanProblem& rest = found_.undecided;
    const PlanPrices prices{found_.path, {}};
    for (uint32_t customer = 0; customer < rest.customers; ++customer) {
      double best = 0;
      for (size_t i = rest.first[customer]; i < rest.first[customer + 1]; ++i) {
        best = std::max(best, Score(rest, prices, i));
      }
      sum.Add(best);
    }
    found_.decided_value = decided.value();
    found_.customers_value = sum.value();
  }

  const PlanProblem& tree_;
  const PackedOffers& offers_;
  const PackedOptions& options_;
  const std::function<bool()>& stop_;
  const double unit_;
  const std::vector<PackedChunk> chunks_;
  std::vector<double> weight_;  // of a sampled customer, per node
  std::vector<double> guess_;   // path prices
  std::vector<NodeState> nodes_;
  PackedPrices found_;
};

}  // namespace

void ForEach(int threads, size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads && static_cast<size_t>(t) < count; ++t) others.emplace_back(run);
  run();
  for (std::thread& thread : others) thread.join();
}

std::vector<PackedChunk> ChunksOf(const PackedOffers& offers) {
  std::vector<PackedChunk> chunks;
  for (size_t node = 0; node < offers.nodes(); ++node) {
    const uint32_t end = offers.first_block(node + 1);
    for (uint32_t first = offers.first_block(node); first < end; first += kChunkBlocks) {
      chunks.push_back({static_cast<uint32_t>(node), first, std::min(kChunkBlocks, end - first)});
    }
  }
  return chunks;
}

PackedPrices FindPackedPrices(const PlanProblem& tree, const PackedOffers& offers,
                              const PackedOptions& options, const std::function<bool()>& stop) {
  return PriceSearch(tree, offers, options, stop).Run();
}

}  // namespace tenure::budget
