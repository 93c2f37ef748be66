#include "server/budget/plan_verifier.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace tenure::budget {
namespace {

__extension__ using Wide = __int128;

absl::Status Wrong(absl::string_view where, absl::string_view what) {
  return absl::InternalError(absl::StrCat("plan: ", where, ": ", what));
}

// What a node takes from its parent: all that is below it, at least its floor.
Wide Taken(const PlanInput& input, const std::vector<std::vector<size_t>>& below,
           const std::vector<Wide>& own, size_t node, bool* fits) {
  Wide sum = own[node];
  for (const size_t child : below[node]) sum += Taken(input, below, own, child, fits);
  if (sum > input.nodes[node].cap_micros) *fits = false;
  return sum < input.nodes[node].floor_micros ? Wide{input.nodes[node].floor_micros} : sum;
}

absl::Status VerifySides(const PlanInput& input, const PlanResult& result) {
  for (size_t s = 0; s < input.side_limits.size(); ++s) {
    const SideLimit& side = input.side_limits[s];
    std::vector<bool> member;
    for (const int32_t offer : side.offers) {
      const auto at = static_cast<size_t>(offer);
      if (member.size() <= at) member.resize(at + 1);
      member[at] = true;
    }
    Wide used = 0;
    for (const int32_t choice : result.choice) {
      if (choice < 0) continue;
      const Candidate& chosen = input.candidates[static_cast<size_t>(choice)];
      const auto offer = static_cast<size_t>(chosen.offer);
      if (offer >= member.size() || !member[offer]) continue;
      used += side.measure == SideLimit::Measure::kCount ? 1 : chosen.charge_micros;
    }
    if (used > side.cap) return Wrong(side.id, "over its limit");
    if (used != result.side_used[s]) return Wrong(side.id, "the use reported is not the sum");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyPlan(const PlanInput& input, const PlanResult& result) {
  if (result.choice.size() != input.customers) return Wrong("choice", "not one per customer");
  std::vector<Wide> own(input.nodes.size(), 0);
  std::vector<Wide> spent(input.nodes.size(), 0);
  long double value = 0;
  for (uint32_t customer = 0; customer < input.customers; ++customer) {
    const int32_t choice = result.choice[customer];
    if (choice < 0) continue;
    if (static_cast<size_t>(choice) >= input.candidates.size() ||
        input.candidates[static_cast<size_t>(choice)].customer != customer) {
      return Wrong(absl::StrCat("customer ", customer), "was given another's offer");
    }
    const Candidate& chosen = input.candidates[static_cast<size_t>(choice)];
    own[static_cast<size_t>(chosen.node)] += chosen.charge_micros;
    value += static_cast<long double>(chosen.value);
    for (int32_t node = chosen.node; node >= 0;
         node = input.nodes[static_cast<size_t>(node)].parent) {
      spent[static_cast<size_t>(node)] += chosen.charge_micros;
    }
  }
  std::vector<std::vector<size_t>> below(input.nodes.size());
  for (size_t node = 0; node < input.nodes.size(); ++node) {
    if (input.nodes[node].parent >= 0) {
      below[static_cast<size_t>(input.nodes[node].parent)].push_back(node);
    }
  }
  for (size_t node = 0; node < input.nodes.size(); ++node) {
    bool fits = true;
    Taken(input, below, own, node, &fits);
    if (!fits) return Wrong(input.nodes[node].id, "over its cap");
    if (spent[node] != result.spend[node]) {
      return Wrong(input.nodes[node].id, "the spend reported is not the sum of its charges");
    }
  }
  if (absl::Status sides = VerifySides(input, result); !sides.ok()) return sides;
  const auto achieved = static_cast<double>(value);
  if (std::abs(achieved - result.achieved) > 1e-12 * std::abs(achieved)) {
    return Wrong("achieved", "not the sum of the chosen values");
  }
  if (result.upper_bound < result.achieved * (1 - 1e-15)) {
    return Wrong("upper_bound", "below what was achieved");
  }
  return absl::OkStatus();
}

}  // namespace tenure::budget
