#include "server/budget/packed_prices.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "server/budget/packed_demand.h"
#include "server/budget/plan_amount.h"
#include "server/budget/plan_prices.h"
#include "server/budget/plan_sum.h"

namespace tenure::budget {
namespace {

constexpr uint32_t kChunkBlocks = 512;
constexpr uint32_t kLanes = PackedOffers::kLanes;
constexpr uint32_t kRun = 8;  // blocks next to each other: single ones are slower to read
// At least so many blocks are looked at before the first bracket, of all nodes together and of
// each; then four times as many, and so on.
constexpr uint32_t kSampleBlocks = 960;
constexpr uint32_t kNodeSampleBlocks = 48;
constexpr uint32_t kMostStep = 512;
// Up to so many places nothing is sampled: everybody is undecided.
constexpr uint32_t kFewPlaces = 40'000;
constexpr size_t kStageIncrements = 12'000;  // looked at between two stages
constexpr int kAttempts = 6;                 // brackets tried before everybody is undecided

using Increments = std::vector<PackedIncrement>;

class PriceSearch {
 public:
  PriceSearch(const PlanProblem& tree, const PackedOffers& offers, const PackedOptions& options,
              const std::function<bool()>& stop)
      : tree_(tree),
        offers_(offers),
        options_(options),
        stop_(stop),
        unit_(static_cast<double>(offers.unit_micros())),
        chunks_(ChunksOf(offers)),
        step_(offers.nodes(), 0),
        demand_(tree, offers) {
    found_.choice.resize(offers.places());
    found_.path.resize(offers.nodes());
  }

  PackedPrices Run() {
    if (options_.start_prices.empty() && !Few()) {
      if (!SweepByStages()) return Stopped();
    } else {
      SweepAll(StartRanges());
    }
    for (int attempt = 1;; ++attempt) {
      found_.path = demand_.FindPrices();
      if (attempt > kAttempts || demand_.AllInside(found_.path)) break;
      std::vector<PriceRange> ranges = demand_.Widened(found_.path);
      if (attempt == kAttempts) ranges.assign(offers_.nodes(), {0, kHighestPrice});
      if (stop_()) return Stopped();
      SweepAll(ranges);
    }
    if (!Few()) SweepAll(demand_.Near(found_.path));
    if (found_.malformed) return std::move(found_);
    KeepUndecided();
    Value();
    return std::move(found_);
  }

 private:
  bool Few() const { return offers_.places() <= kFewPlaces; }
  uint32_t BlocksOf(size_t node) const {
    return offers_.first_block(node + 1) - offers_.first_block(node);
  }

  // Around the prices to start from, or everywhere.
  std::vector<PriceRange> StartRanges() {
    std::vector<PriceRange> ranges(offers_.nodes(), {0, kHighestPrice});
    if (Few()) return ranges;
    for (size_t node = 0; node < ranges.size(); ++node) {
      found_.path[node] = options_.start_prices[node] * 1e-6;
      const double price = found_.path[node] * unit_;
      // Plans change by a few per cent from one day to the next.
      if (price >= 0) ranges[node] = {price * 0.97, price * 1.03};
    }
    return ranges;
  }

  // Looks at everybody once, a few first: each stage looks at four times as many as all before it,
  // within the bracket that these have left. False when stopped.
  bool SweepByStages() {
    const uint32_t step = LargestStep(offers_.blocks() / kSampleBlocks);
    demand_.Start(std::vector<PriceRange>(offers_.nodes(), {0, kHighestPrice}));
    for (size_t node = 0; node < step_.size(); ++node) {
      step_[node] = std::min(step, LargestStep(BlocksOf(node) / kNodeSampleBlocks));
    }
    SweepStage({.first = true});
    found_.path = demand_.Narrow(PackedDemand::kAllIncrements);
    uint32_t before = 0;
    for (uint32_t runs = step; runs > 1;) {
      if (stop_()) return false;
      runs = runs > 4 ? runs / 4 : 1;
      SweepStage({.runs = runs, .runs_before = before});
      if (runs > 1) found_.path = demand_.Narrow(kStageIncrements);
      before = runs;
    }
    return true;
  }
  static uint32_t LargestStep(uint32_t most) {
    uint32_t step = 1;
    while (2 * step <= std::min(most, kMostStep)) step *= 2;
    return step;
  }

  void SweepAll(const std::vector<PriceRange>& ranges) {
    demand_.Start(ranges);
    step_.assign(step_.size(), 0);
    found_.largest_values = 0;
    SweepStage({.choose = true});
  }

  // What a stage looks at: of each node, at first, single blocks at a distance that suits its size;
  // then one run of kRun blocks in so many, without those looked at before.
  struct Stage {
    uint32_t runs = 1;         // one in so many; a power of two
    uint32_t runs_before = 0;  // of the stage before; 0: none was, or only single blocks
    bool choose = false;       // with choices and values
    bool first = false;        // the single blocks
  };
  std::vector<uint32_t> BlocksOfStage(const PackedChunk& chunk, const Stage& stage) const {
    std::vector<uint32_t> blocks;
    const uint32_t origin = offers_.first_block(chunk.node);
    const uint32_t step = step_[chunk.node];
    blocks.reserve(chunk.count);
    for (uint32_t block = chunk.first; block < chunk.first + chunk.count; ++block) {
      const uint32_t run = (block - origin) / kRun;
      const bool single = step > 0 && (block - origin) % step == 0;
      const bool before = stage.runs_before > 0 && run % stage.runs_before == 0;
      if (stage.first ? single : run % stage.runs == 0 && !single && !before) {
        blocks.push_back(block);
      }
    }
    return blocks;
  }

  void SweepStage(const Stage& stage) {
    std::vector<SweepTotals> totals(chunks_.size());
    std::vector<Increments> increments(chunks_.size());
    std::vector<uint32_t> counts(chunks_.size());
    ForEach(options_.threads, chunks_.size(), [&](size_t i) {
      const PackedChunk& chunk = chunks_[i];
      const std::vector<uint32_t> blocks = BlocksOfStage(chunk, stage);
      Increments its;
      totals[i] = Sweep(options_.code, offers_, blocks, demand_.node(chunk.node).range,
                        stage.choose ? found_.choice.data() : nullptr, &its);
      counts[i] = static_cast<uint32_t>(blocks.size());
      increments[i].assign(its.begin(), its.end());  // without what it grew by
    });
    for (size_t i = 0; i < chunks_.size(); ++i) {
      NodeDemand& node = demand_.node(chunks_[i].node);
      node.Add(totals[i], std::move(increments[i]));
      node.blocks += counts[i];
      found_.largest_values += totals[i].largest_values;
      found_.malformed |= totals[i].malformed;
    }
  }

  void KeepUndecided() {
    std::vector<std::vector<uint32_t>> places(offers_.nodes());
    for (size_t node = 0; node < places.size(); ++node) {
      for (const Increments& part : demand_.node(node).parts) {
        for (const PackedIncrement& its : part) {
          if (places[node].empty() || places[node].back() != its.place) {
            places[node].push_back(its.place);
          }
        }
      }
    }
    found_.undecided = Problem(places);
  }

  PlanProblem Problem(const std::vector<std::vector<uint32_t>>& places) {
    PlanProblem problem = tree_;
    problem.base = demand_.BaseOfDecided();
    problem.first.assign(1, 0);
    found_.undecided_place.clear();
    for (size_t node = 0; node < places.size(); ++node) {
      for (const uint32_t place : places[node]) {
        for (uint32_t offer = 0; offer < offers_.offers(); ++offer) {
          const double value = static_cast<double>(offers_.value(place, offer));
          if (!(value > 0) || !std::isfinite(value)) continue;
          problem.charge.push_back(
              MultiplyCapped(offers_.cost(place, offer), offers_.unit_micros()));
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

  // Everybody at the prices known so far: a bound and choices, which may be too many.
  PackedPrices Stopped() {
    std::vector<PriceRange> ranges;
    for (double& price : found_.path) {
      price = std::min(price, kHighestPrice / unit_);
      ranges.push_back({price * unit_, price * unit_});
    }
    SweepAll(ranges);
    KeepUndecided();
    found_.stopped = true;
    Value();
    return std::move(found_);
  }

  void Value() {
    found_.everybody = !found_.stopped;
    for (const PriceRange& range : demand_.Ranges()) {
      found_.everybody &= range.low == 0 && range.high == kHighestPrice;
    }
    ExactSum sum;
    ExactSum decided;
    for (size_t node = 0; node < offers_.nodes(); ++node) {
      const NodeDemand& its = demand_.node(node);
      const double cost = static_cast<double>(its.cost) * unit_;
      decided.Add(its.value);
      sum.Add(its.value);
      if (its.cost > 0) sum.Add(-found_.path[node] * cost);
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
  std::vector<uint32_t> step_;  // per node, between single blocks; 0: none is looked at alone
  PackedDemand demand_;
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
