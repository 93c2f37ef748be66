#include "server/budget/packed_planner.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/packed_prices.h"
#include "server/budget/packed_verifier.h"
#include "server/budget/plan_amount.h"
#include "server/budget/plan_choice.h"
#include "server/budget/plan_improve.h"
#include "server/budget/plan_problem.h"
#include "server/budget/plan_sum.h"

namespace tenure::budget {
namespace {

constexpr double kOptimalGap = 1e-9;
constexpr double kGapNotSearched = 4e-7;  // below it a search gains less than it takes
constexpr double kRounding = 2e-12;       // of everybody's largest values
// Roundings in the bound, in last places of everybody's largest values: a few in each score, and
// sums of 512 terms a lane within a chunk, of chunks and of nodes one after the other.
constexpr double kRoundings = 8 + 512;

absl::Status Check(const PackedInput& input, const PackedOptions& options) {
  if (input.offers == nullptr) return absl::InvalidArgumentError("offers: is missing");
  if (input.offers->nodes() != input.nodes.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "nodes: are ", input.nodes.size(), ", the offers are charged to ", input.offers->nodes()));
  }
  if (input.offers->offers() > PackedOffers::kMostOffers) {
    return absl::InvalidArgumentError(
        absl::StrCat("offers: at most ", PackedOffers::kMostOffers, " a customer"));
  }
  if (input.offers->unit_micros() < 1) {
    return absl::InvalidArgumentError("offers.unit_micros: is not positive");
  }
  return CheckStart(options.threads, options.start_prices, input.nodes.size());
}

// Where a pass has met a value or a cost that can't be.
absl::Status FindMalformed(const PackedOffers& offers) {
  for (uint32_t place = 0; place < offers.places(); ++place) {
    for (uint32_t offer = 0; offer < offers.offers(); ++offer) {
      const auto where = absl::StrCat("offers[", place, "][", offer, "]");
      if (!std::isfinite(offers.value(place, offer))) {
        return absl::InvalidArgumentError(absl::StrCat(where, ".value: is not a finite number"));
      }
      if (offers.cost(place, offer) > PackedOffers::kMostCost) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ".cost: is above ", PackedOffers::kMostCost));
      }
    }
  }
  return absl::InternalError("plan: a pass met a malformed offer that is not there");
}

class PackedPlan {
 public:
  PackedPlan(const PackedInput& input, const PackedOptions& options, PlanProblem tree)
      : input_(input), offers_(*input.offers), options_(options), tree_(std::move(tree)) {}

  absl::StatusOr<PackedResult> Run() {
    const std::function<bool()> stop = [this] {
      result_.stopped = result_.stopped ||
                        (options_.cancel != nullptr && options_.cancel->load()) ||
                        MonotonicUs() >= options_.deadline_us;
      return result_.stopped;
    };
    found_ = FindPackedPrices(tree_, offers_, options_, stop);
    if (found_.malformed) return FindMalformed(offers_);
    TENURE_RETURN_IF_ERROR(CheckDecided());
    result_.upper_bound = TreeValue() + found_.customers_value;
    result_.upper_bound += kRoundings * 0x1.0p-53 * (found_.largest_values + TreeValue());
    result_.choice = std::move(found_.choice);
    if (found_.stopped) {
      KeepWhatFits();
    } else {
      RoundAndSearch(stop);
    }
    if (input_.originals != nullptr) UseOriginals();
    SumSpend();
    // A bound no larger than its own roundings is none: nothing can be had.
    if (result_.achieved > 0 || result_.upper_bound > kRounding * found_.largest_values) {
      result_.gap = std::max(0.0, (result_.upper_bound - result_.achieved) / result_.upper_bound);
    }
    result_.status = result_.gap <= kOptimalGap ? PlanStatus::kOptimal : PlanStatus::kCertified;
    result_.proven = result_.proven || result_.status == PlanStatus::kOptimal;
    Report();
    TENURE_RETURN_IF_ERROR(VerifyPacked(input_, result_, options_.threads));
    return std::move(result_);
  }

 private:
  // Where no cap binds, nothing else keeps the sum of what is chosen within int64.
  absl::Status CheckDecided() const {
    if (found_.stopped) return absl::OkStatus();
    std::vector<int64_t> taken = found_.undecided.base;
    for (auto node = tree_.top_down.rbegin(); node != tree_.top_down.rend(); ++node) {
      const auto at = static_cast<size_t>(*node);
      if (taken[at] == kUncapped) {
        return absl::InvalidArgumentError(absl::StrCat(
            "offers: what nobody's budget limits costs more than ", DisplayMicros(kUncapped),
            " below '", input_.nodes[at].id, "'; give it a cap, or state money in a larger unit"));
      }
      if (tree_.parent[at] < 0) continue;
      auto& above = taken[static_cast<size_t>(tree_.parent[at])];
      above = AddCapped(above, std::max(taken[at], tree_.floor[at]));
    }
    return absl::OkStatus();
  }

  double OwnPrice(size_t node) const {
    const int32_t up = tree_.parent[node];
    return found_.path[node] - (up < 0 ? 0 : found_.path[static_cast<size_t>(up)]);
  }

  // The nodes' part of the dual.
  double TreeValue() const {
    ExactSum sum;
    for (size_t node = 0; node < tree_.node_count(); ++node) {
      const double y = OwnPrice(node);
      if (y != 0) sum.Add(y * static_cast<double>(y > 0 ? tree_.cap[node] : tree_.floor[node]));
    }
    return sum.value();
  }

  void RoundAndSearch(const std::function<bool()>& stop) {
    const PlanProblem& rest = found_.undecided;
    const PlanPrices prices{found_.path, {}};
    PlanChoice plan(rest);
    result_.spend = rest.base;
    RoundPlan(rest, prices, stop, &plan);
    const double left = result_.upper_bound - found_.decided_value;  // for the undecided
    // Of few customers the best plan may be found and proven.
    const double enough = offers_.places() <= 20'000 ? 0 : kGapNotSearched * result_.upper_bound;
    if (left - plan.TotalValue() > enough && options_.search_states > 0 && !stop()) {
      const bool best =
          ImprovePlan(rest, prices, left, enough, options_.search_states, stop, &plan);
      result_.proven = best && found_.everybody;
      while (!best && !stop() && FillPlan(rest, prices, &plan)) {
      }
    }
    for (uint32_t customer = 0; customer < rest.customers; ++customer) {
      const int64_t chosen = plan.chosen(customer);
      if (chosen != PlanChoice::kNone) {
        const auto at = static_cast<size_t>(chosen);
        result_.spend[static_cast<size_t>(rest.node[at])] += rest.charge[at];
      }
      result_.choice[found_.undecided_place[customer]] =
          chosen == PlanChoice::kNone
              ? uint8_t{0}
              : static_cast<uint8_t>(rest.source[static_cast<size_t>(chosen)] + 1);
    }
    result_.achieved = found_.decided_value + plan.TotalValue();
    result_.undecided = rest.customers;
  }

  // In the order of places, what the caps let in.
  void KeepWhatFits() {
    TreeUsage usage(tree_);
    result_.spend.assign(tree_.node_count(), 0);
    ExactSum achieved;
    for (size_t node = 0; node < offers_.nodes(); ++node) {
      const uint32_t end = offers_.first_block(node + 1) * PackedOffers::kLanes;
      for (uint32_t p = offers_.first_block(node) * PackedOffers::kLanes; p < end; ++p) {
        if (result_.choice[p] == 0) continue;
        const uint32_t offer = result_.choice[p] - 1u;
        const int64_t charge = MultiplyCapped(offers_.cost(p, offer), offers_.unit_micros());
        if (usage.Use(static_cast<int32_t>(node), charge)) {
          achieved.Add(static_cast<double>(offers_.value(p, offer)));
          result_.spend[node] += charge;
        } else {
          result_.choice[p] = 0;
        }
      }
    }
    result_.achieved = achieved.value();
  }

  // Bound and achieved by the values that the packed ones are rounded from.
  void UseOriginals() {
    struct Sums {
      double best = 0, largest = 0, achieved = 0;
    };
    const std::vector<PackedChunk> chunks = ChunksOf(offers_);
    std::vector<Sums> sums(chunks.size());
    const uint32_t count = offers_.offers();
    ForEach(options_.threads, chunks.size(), [&](size_t i) {
      const PackedChunk& chunk = chunks[i];
      const double price = found_.path[chunk.node] * static_cast<double>(offers_.unit_micros());
      const uint32_t end = (chunk.first + chunk.count) * PackedOffers::kLanes;
      for (uint32_t place = chunk.first * PackedOffers::kLanes; place < end; ++place) {
        const double* values = input_.originals + size_t{place} * count;
        double best = 0;
        double largest = 0;
        for (uint32_t offer = 0; offer < count; ++offer) {
          const auto cost = static_cast<double>(offers_.cost(place, offer));
          best = std::max(best, values[offer] - (cost > 0 ? price * cost : 0));
          largest = std::max(largest, values[offer]);
        }
        sums[i].best += best;
        sums[i].largest += largest;
        if (result_.choice[place] > 0) sums[i].achieved += values[result_.choice[place] - 1u];
      }
    });
    ExactSum best;
    ExactSum largest;
    ExactSum achieved;
    for (const Sums& sum : sums) {
      best.Add(sum.best);
      largest.Add(sum.largest);
      achieved.Add(sum.achieved);
    }
    // A chunk's sums have 4,096 terms.
    result_.upper_bound =
        TreeValue() + best.value() + (8 * kRoundings) * 0x1.0p-53 * (largest.value() + TreeValue());
    result_.achieved = achieved.value();
    result_.proven = false;  // what was proven is the best of the packed values
  }

  // From each node's own to all below it.
  void SumSpend() {
    for (auto node = tree_.top_down.rbegin(); node != tree_.top_down.rend(); ++node) {
      const int32_t up = tree_.parent[static_cast<size_t>(*node)];
      if (up < 0) continue;
      result_.spend[static_cast<size_t>(up)] += result_.spend[static_cast<size_t>(*node)];
    }
  }

  void Report() {
    const auto per_unit = static_cast<double>(kMicrosPerUnit);
    std::vector<bool> priced(tree_.node_count());  // something below it has a price
    for (auto node = tree_.top_down.rbegin(); node != tree_.top_down.rend(); ++node) {
      const auto at = static_cast<size_t>(*node);
      if (found_.path[at] > 0) priced[at] = true;
      if (priced[at] && tree_.parent[at] >= 0) priced[static_cast<size_t>(tree_.parent[at])] = true;
    }
    for (size_t node = 0; node < tree_.node_count(); ++node) {
      result_.price.push_back(OwnPrice(node) * per_unit);
      result_.path_price.push_back(found_.path[node] * per_unit);
      result_.unspent.push_back(WhyUnspent(node, priced[node]));
    }
  }

  // A price says that more money would buy more: then only its size is in the way.
  Unspent WhyUnspent(size_t node, bool priced) const {
    if (result_.spend[node] == tree_.cap[node]) return Unspent::kNone;
    if (OwnPrice(node) > 0) return Unspent::kGranularity;
    if (priced) return Unspent::kLimitedElsewhere;
    return result_.spend[node] > 0 ? Unspent::kAllAtMax : Unspent::kNoPositiveSlope;
  }

  const PackedInput& input_;
  const PackedOffers& offers_;
  const PackedOptions& options_;
  const PlanProblem tree_;
  PackedPrices found_;
  PackedResult result_;
};

}  // namespace

absl::StatusOr<PackedResult> SolvePacked(const PackedInput& input, const PackedOptions& options) {
  const int64_t started_us = MonotonicUs();
  TENURE_RETURN_IF_ERROR(Check(input, options));
  PlanInput nodes;
  nodes.nodes = input.nodes;
  TENURE_ASSIGN_OR_RETURN(PlanProblem tree, BuildPlanProblem(nodes));
  PackedResult infeasible;
  infeasible.infeasible = FindFloorConflict(nodes, tree);
  if (!infeasible.infeasible.empty()) {
    infeasible.status = PlanStatus::kInfeasible;
    infeasible.choice.assign(input.offers->places(), 0);
    infeasible.price.assign(input.nodes.size(), 0);
    infeasible.path_price = infeasible.price;
    infeasible.spend.assign(input.nodes.size(), 0);
    infeasible.unspent.assign(input.nodes.size(), Unspent::kLimitedElsewhere);
    return infeasible;
  }
  TENURE_ASSIGN_OR_RETURN(PackedResult result, PackedPlan(input, options, std::move(tree)).Run());
  result.seconds = static_cast<double>(MonotonicUs() - started_us) * 1e-6;
  return result;
}

}  // namespace tenure::budget
