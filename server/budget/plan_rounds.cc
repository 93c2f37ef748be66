#include "server/budget/plan_rounds.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "server/base/status.h"
#include "server/budget/plan_verifier.h"

namespace tenure::budget {
namespace {

// What the rounds so far leave to the next: money, limits, and the offers not yet given.
class Remainder {
 public:
  Remainder(const PlanInput& input, const RoundsOptions& options)
      : input_(input), left_(input), source_(input.candidates.size()) {
    std::iota(source_.begin(), source_.end(), 0);
    for (size_t set = 0; set < options.once.size(); ++set) {
      for (const int32_t offer : options.once[set]) sets_of_offer_[offer].push_back(set);
    }
  }

  const PlanInput& left() const { return left_; }

  // From positions in left() to positions in the input.
  void Restore(std::vector<int32_t>* choice) const {
    for (int32_t& at : *choice) {
      if (at >= 0) at = source_[static_cast<size_t>(at)];
    }
  }

  // `round` with positions in the input.
  void Take(const PlanResult& round) {
    // max(spent + more, floor) = spent + max(more, floor - spent): with floors and caps lowered by
    // what is spent, floors not below 0, a round fits exactly where all rounds together do.
    for (size_t node = 0; node < left_.nodes.size(); ++node) {
      PlanNode& its = left_.nodes[node];
      if (its.cap_micros != kUncapped) its.cap_micros -= round.spend[node];
      its.floor_micros = std::max<int64_t>(0, its.floor_micros - round.spend[node]);
    }
    for (size_t side = 0; side < left_.side_limits.size(); ++side) {
      int64_t& cap = left_.side_limits[side].cap;
      if (cap != kUncapped) cap -= round.side_used[side];
    }
    size_t kept = 0;
    for (size_t i = 0; i < source_.size(); ++i) {
      const Candidate& candidate = left_.candidates[i];
      const int32_t given = round.choice[candidate.customer];
      if (given >= 0 &&
          Excludes(input_.candidates[static_cast<size_t>(given)].offer, candidate.offer)) {
        continue;
      }
      left_.candidates[kept] = candidate;
      source_[kept++] = source_[i];
    }
    left_.candidates.resize(kept);
    source_.resize(kept);
  }

 private:
  bool Excludes(int32_t given, int32_t offer) const {
    if (given == offer) return true;
    const auto its = sets_of_offer_.find(given);
    const auto other = sets_of_offer_.find(offer);
    if (its == sets_of_offer_.end() || other == sets_of_offer_.end()) return false;
    return std::any_of(its->second.begin(), its->second.end(), [&other](size_t set) {
      return std::count(other->second.begin(), other->second.end(), set) > 0;
    });
  }

  const PlanInput& input_;
  PlanInput left_;
  std::vector<int32_t> source_;  // per candidate left, its position in the input
  absl::flat_hash_map<int32_t, std::vector<size_t>> sets_of_offer_;
};

bool GivesAnything(const PlanResult& round) {
  return std::any_of(round.choice.begin(), round.choice.end(), [](int32_t at) { return at >= 0; });
}

PlanResult Total(const std::vector<PlanResult>& rounds) {
  PlanResult total = rounds.back();
  if (rounds.size() == 1) return total;
  double missing = 0;
  for (size_t r = 0; r + 1 < rounds.size(); ++r) {
    const PlanResult& round = rounds[r];
    if (round.status != PlanStatus::kOptimal) total.status = round.status;
    total.achieved += round.achieved;
    total.upper_bound += round.upper_bound;
    total.proven = total.proven && round.proven;
    total.seconds += round.seconds;
    for (size_t i = 0; i < total.spend.size(); ++i) total.spend[i] += round.spend[i];
    for (size_t i = 0; i < total.side_used.size(); ++i) total.side_used[i] += round.side_used[i];
  }
  total.upper_bound = std::max(total.upper_bound, total.achieved);  // by rounding
  for (const PlanResult& round : rounds) missing += round.gap * round.upper_bound;
  total.gap = total.upper_bound > 0 ? missing / total.upper_bound : 0;
  for (auto round = rounds.rbegin() + 1; round != rounds.rend(); ++round) {
    for (size_t customer = 0; customer < total.choice.size(); ++customer) {
      if (round->choice[customer] >= 0) total.choice[customer] = round->choice[customer];
    }
  }
  if (!GivesAnything(rounds.back())) {
    const PlanResult& last = rounds[rounds.size() - 2];
    total.price = last.price;
    total.path_price = last.path_price;
    total.side_price = last.side_price;
  }
  return total;
}

// Everything given, as if each piece went to a customer of its own: do the input's caps hold?
absl::Status VerifyTotal(const PlanInput& input, const PlanRounds& plan) {
  PlanInput given{0, input.nodes, {}, input.side_limits};
  PlanResult sums = plan.total;
  sums.choice.clear();
  for (const PlanResult& round : plan.rounds) {
    for (const int32_t at : round.choice) {
      if (at < 0) continue;
      sums.choice.push_back(static_cast<int32_t>(given.candidates.size()));
      given.candidates.push_back(input.candidates[static_cast<size_t>(at)]);
      given.candidates.back().customer = given.customers++;
    }
  }
  return VerifyPlan(given, sums);
}

}  // namespace

absl::StatusOr<PlanRounds> SolveRounds(const PlanInput& input, const RoundsOptions& rounds,
                                       const PlanOptions& options) {
  if (rounds.rounds < 1) return absl::InvalidArgumentError("rounds: is not positive");
  PlanRounds plan;
  std::optional<Remainder> remainder;  // a copy of the input that one round does without
  PlanOptions each = options;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(PlanResult round,
                            Solve(remainder.has_value() ? remainder->left() : input, each));
    if (remainder.has_value()) remainder->Restore(&round.choice);
    plan.rounds.push_back(std::move(round));
    const PlanResult& last = plan.rounds.back();
    // Money that a stopped round could still have used is not for the next.
    if (static_cast<int>(plan.rounds.size()) == rounds.rounds || last.stopped ||
        !GivesAnything(last)) {
      break;
    }
    if (!remainder.has_value()) remainder.emplace(input, rounds);
    remainder->Take(last);
    each.start_prices.clear();
  }
  plan.total = Total(plan.rounds);
  if (plan.rounds.size() > 1) TENURE_RETURN_IF_ERROR(VerifyTotal(input, plan));
  return plan;
}

}  // namespace tenure::budget
