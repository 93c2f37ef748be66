#include "tests/budget/brute_force.h"

#include <algorithm>

namespace tenure::budget {
namespace {

__extension__ using Wide = __int128;

struct Enumeration {
  const PlanInput& input;
  std::vector<std::vector<size_t>> offers;
  std::vector<Wide> own;
  std::vector<size_t> chosen = {};
  double best = 0;

  Wide Taken(size_t node, bool* fits) const {
    Wide sum = own[node];
    for (size_t child = 0; child < input.nodes.size(); ++child) {
      if (input.nodes[child].parent == static_cast<int32_t>(node)) sum += Taken(child, fits);
    }
    if (sum > input.nodes[node].cap_micros) *fits = false;
    return std::max<Wide>(sum, input.nodes[node].floor_micros);
  }
  bool SidesFit() const {
    for (const SideLimit& side : input.side_limits) {
      Wide used = 0;
      for (const size_t offer : chosen) {
        const Candidate& its = input.candidates[offer];
        if (std::count(side.offers.begin(), side.offers.end(), its.offer) == 0) continue;
        used += side.measure == SideLimit::Measure::kCount ? 1 : its.charge_micros;
      }
      if (used > side.cap) return false;
    }
    return true;
  }
  void Try(size_t customer, double value) {
    if (customer == offers.size()) {
      bool fits = true;
      for (size_t node = 0; node < input.nodes.size(); ++node) {
        if (input.nodes[node].parent < 0) Taken(node, &fits);
      }
      if (fits && SidesFit()) best = std::max(best, value);
      return;
    }
    Try(customer + 1, value);
    for (const size_t offer : offers[customer]) {
      const Candidate& candidate = input.candidates[offer];
      own[static_cast<size_t>(candidate.node)] += candidate.charge_micros;
      chosen.push_back(offer);
      Try(customer + 1, value + candidate.value);
      chosen.pop_back();
      own[static_cast<size_t>(candidate.node)] -= candidate.charge_micros;
    }
  }
};

}  // namespace

double BruteForceAfter(const PlanInput& input, const std::vector<size_t>& given,
                       const std::set<size_t>& barred) {
  Enumeration all{input, std::vector<std::vector<size_t>>(input.customers),
                  std::vector<Wide>(input.nodes.size(), 0), given};
  for (const size_t at : given) {
    all.own[static_cast<size_t>(input.candidates[at].node)] += input.candidates[at].charge_micros;
  }
  for (size_t i = 0; i < input.candidates.size(); ++i) {
    if (!barred.contains(i)) all.offers[input.candidates[i].customer].push_back(i);
  }
  all.Try(0, 0);
  return all.best;
}

}  // namespace tenure::budget
