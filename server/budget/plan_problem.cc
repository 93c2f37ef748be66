#include "server/budget/plan_problem.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/money.h"
#include "server/base/status.h"

namespace tenure::budget {
namespace {

constexpr double kMostValue = 1e300;  // of all candidates: sums and products stay finite

__extension__ using Wide = __int128;

// FormatMicros() of sums that may pass int64.
std::string FormatWide(Wide micros) {
  if (micros <= kUncapped) return FormatMicros(static_cast<int64_t>(micros));
  const auto rest = static_cast<int64_t>(micros % kMicrosPerUnit);
  const auto units = static_cast<uint64_t>(micros / kMicrosPerUnit);
  return absl::StrCat(units, absl::StripPrefix(FormatMicros(rest), "0"));
}

absl::Status Invalid(absl::string_view field, size_t at, absl::string_view member,
                     absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(field, "[", at, "].", member, ": ", problem));
}

absl::Status CheckNodes(const PlanInput& input) {
  absl::flat_hash_set<absl::string_view> ids;
  const auto count = static_cast<int32_t>(input.nodes.size());
  for (size_t i = 0; i < input.nodes.size(); ++i) {
    const PlanNode& node = input.nodes[i];
    if (!ids.insert(node.id).second) {
      return Invalid("nodes", i, "id", absl::StrCat("'", node.id, "' stands twice"));
    }
    if (node.parent < -1 || node.parent >= count) {
      return Invalid("nodes", i, "parent", "is not a position in nodes");
    }
    if (node.cap_micros < 0) return Invalid("nodes", i, "cap_micros", "is negative");
    if (node.floor_micros < 0) return Invalid("nodes", i, "floor_micros", "is negative");
    if (node.floor_micros > node.cap_micros) {
      return Invalid("nodes", i, "floor_micros",
                     absl::StrCat(FormatMicros(node.floor_micros), " is above the cap of ",
                                  FormatMicros(node.cap_micros)));
    }
  }
  return absl::OkStatus();
}

absl::Status BuildTree(const PlanInput& input, PlanProblem* problem) {
  const size_t count = input.nodes.size();
  problem->children.resize(count);
  problem->base.assign(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const PlanNode& node = input.nodes[i];
    problem->parent.push_back(node.parent);
    problem->cap.push_back(node.cap_micros);
    problem->floor.push_back(node.floor_micros);
    if (node.parent >= 0) {
      problem->children[static_cast<size_t>(node.parent)].push_back(static_cast<int32_t>(i));
    } else {
      problem->top_down.push_back(static_cast<int32_t>(i));
    }
  }
  for (size_t done = 0; done < problem->top_down.size(); ++done) {
    const auto& below = problem->children[static_cast<size_t>(problem->top_down[done])];
    problem->top_down.insert(problem->top_down.end(), below.begin(), below.end());
  }
  if (problem->top_down.size() == count) return absl::OkStatus();
  // What no root reaches goes round in a circle.
  std::vector<bool> reached(count);
  for (const int32_t node : problem->top_down) reached[static_cast<size_t>(node)] = true;
  const auto lost =
      static_cast<size_t>(std::find(reached.begin(), reached.end(), false) - reached.begin());
  return Invalid("nodes", lost, "parent",
                 absl::StrCat("'", input.nodes[lost].id, "' is above itself"));
}

absl::Status CheckCandidate(const PlanInput& input, size_t i) {
  const Candidate& candidate = input.candidates[i];
  if (candidate.customer >= input.customers) {
    return Invalid("candidates", i, "customer", "is not below the number of customers");
  }
  if (candidate.node < 0 || static_cast<size_t>(candidate.node) >= input.nodes.size()) {
    return Invalid("candidates", i, "node", "is not a position in nodes");
  }
  if (candidate.offer < 0) return Invalid("candidates", i, "offer", "is negative");
  if (candidate.charge_micros < 0) return Invalid("candidates", i, "charge_micros", "is negative");
  if (!std::isfinite(candidate.value)) {
    return Invalid("candidates", i, "value", "is not a finite number");
  }
  return absl::OkStatus();
}

bool Before(const Candidate& a, const Candidate& b) {
  return a.customer != b.customer ? a.customer < b.customer : a.offer < b.offer;
}

absl::Status AddCandidates(const PlanInput& input, PlanProblem* problem) {
  const std::vector<Candidate>& all = input.candidates;
  bool sorted = true;
  size_t kept = 0;
  double sum = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    TENURE_RETURN_IF_ERROR(CheckCandidate(input, i));
    if (i > 0 && !Before(all[i - 1], all[i])) sorted = false;
    if (!(all[i].value > 0)) continue;
    ++kept;
    sum += all[i].value;
  }
  if (!(sum < kMostValue)) {
    return absl::InvalidArgumentError(absl::StrCat("candidates: values sum to more than ",
                                                   kMostValue, "; state them in a larger unit"));
  }
  std::vector<int32_t> order;
  if (!sorted) {
    order.resize(all.size());
    std::iota(order.begin(), order.end(), 0);
    const auto at = [&](int32_t i) -> const Candidate& { return all[static_cast<size_t>(i)]; };
    std::sort(order.begin(), order.end(),
              [&](int32_t a, int32_t b) { return Before(at(a), at(b)); });
    for (size_t i = 1; i < order.size(); ++i) {
      if (!Before(at(order[i - 1]), at(order[i]))) {
        return Invalid("candidates", static_cast<size_t>(std::max(order[i - 1], order[i])), "offer",
                       "the customer has that offer twice");
      }
    }
  }
  for (auto* column : {&problem->node, &problem->offer, &problem->source}) column->reserve(kept);
  problem->charge.reserve(kept);
  problem->value.reserve(kept);
  problem->first.assign(static_cast<size_t>(input.customers) + 1, 0);
  for (size_t k = 0; k < all.size(); ++k) {
    const size_t i = sorted ? k : static_cast<size_t>(order[k]);
    const Candidate& candidate = all[i];
    if (!(candidate.value > 0)) continue;
    const size_t customer = candidate.customer;
    if (problem->first[customer + 1] > 0 && problem->node.back() != candidate.node) {
      problem->separable = false;
    }
    ++problem->first[customer + 1];
    problem->charge.push_back(candidate.charge_micros);
    problem->value.push_back(candidate.value);
    problem->node.push_back(candidate.node);
    problem->offer.push_back(candidate.offer);
    problem->source.push_back(static_cast<int32_t>(i));
  }
  std::partial_sum(problem->first.begin(), problem->first.end(), problem->first.begin());
  return absl::OkStatus();
}

absl::Status AddSideLimits(const PlanInput& input, PlanProblem* problem) {
  absl::flat_hash_set<absl::string_view> ids;
  for (size_t s = 0; s < input.side_limits.size(); ++s) {
    const SideLimit& side = input.side_limits[s];
    if (!ids.insert(side.id).second) {
      return Invalid("side_limits", s, "id", absl::StrCat("'", side.id, "' stands twice"));
    }
    if (side.cap < 0) return Invalid("side_limits", s, "cap", "is negative");
    for (const int32_t offer : side.offers) {
      if (offer < 0) return Invalid("side_limits", s, "offers", "holds a negative offer");
      const auto at = static_cast<size_t>(offer);
      if (at >= problem->sides_of_offer.size()) problem->sides_of_offer.resize(at + 1);
      auto& sides = problem->sides_of_offer[at];
      if (!sides.empty() && sides.back() == static_cast<int32_t>(s)) {
        return Invalid("side_limits", s, "offers", "holds an offer twice");
      }
      sides.push_back(static_cast<int32_t>(s));
    }
  }
  problem->side_limits = input.side_limits;
  if (!problem->side_limits.empty()) problem->separable = false;
  return absl::OkStatus();
}

}  // namespace

const std::vector<int32_t>& PlanProblem::SidesOfOffer(int32_t of) const {
  static const std::vector<int32_t>& none = *new std::vector<int32_t>();
  const auto at = static_cast<size_t>(of);
  return at < sides_of_offer.size() ? sides_of_offer[at] : none;
}

absl::Status CheckStart(int threads, const std::vector<double>& start_prices, size_t nodes) {
  if (threads < 1) return absl::InvalidArgumentError("threads: is not positive");
  if (start_prices.empty()) return absl::OkStatus();
  if (start_prices.size() != nodes) {
    return absl::InvalidArgumentError("start_prices: are not one a node");
  }
  for (size_t i = 0; i < start_prices.size(); ++i) {
    if (start_prices[i] >= 0 && std::isfinite(start_prices[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("start_prices[", i, "]: is not a finite number >= 0"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PlanProblem> BuildPlanProblem(const PlanInput& input) {
  if (input.candidates.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return absl::InvalidArgumentError("candidates: more than 2^31 - 1");
  }
  PlanProblem problem;
  problem.customers = input.customers;
  TENURE_RETURN_IF_ERROR(CheckNodes(input));
  TENURE_RETURN_IF_ERROR(BuildTree(input, &problem));
  TENURE_RETURN_IF_ERROR(AddCandidates(input, &problem));
  TENURE_RETURN_IF_ERROR(AddSideLimits(input, &problem));
  return problem;
}

std::string FindFloorConflict(const PlanInput& input, const PlanProblem& problem) {
  // Never above the node's own cap, so that each fits.
  std::vector<int64_t> reserved(problem.node_count(), 0);
  for (auto node = problem.top_down.rbegin(); node != problem.top_down.rend(); ++node) {
    const auto at = static_cast<size_t>(*node);
    Wide sum = 0;
    std::string names;
    for (const int32_t child : problem.children[at]) {
      const auto below = static_cast<size_t>(child);
      if (reserved[below] == 0) continue;
      absl::StrAppend(&names, names.empty() ? "" : ", ", input.nodes[below].id);
      sum += reserved[below];
    }
    if (sum > problem.cap[at]) {
      return absl::StrCat("the floors of ", names, " sum to ", FormatWide(sum), ", '",
                          input.nodes[at].id, "' has ", FormatMicros(problem.cap[at]), ": ",
                          FormatWide(sum - problem.cap[at]), " short");
    }
    reserved[at] = std::max(static_cast<int64_t>(sum), problem.floor[at]);
  }
  return "";
}

}  // namespace tenure::budget
