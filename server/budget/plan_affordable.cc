#include "server/budget/plan_affordable.h"

#include <algorithm>

#include "server/budget/plan_usage.h"

namespace tenure::budget {
namespace {

bool FitsAlone(const PlanProblem& problem, const std::vector<int64_t>& room, size_t i) {
  if (problem.charge[i] > room[static_cast<size_t>(problem.node[i])]) return false;
  const auto& sides = problem.SidesOf(i);
  return std::all_of(sides.begin(), sides.end(), [&](int32_t side) {
    return problem.SideMeasure(side, i) <= problem.side_limits[static_cast<size_t>(side)].cap;
  });
}

bool Separable(const PlanProblem& problem) {
  if (!problem.side_limits.empty()) return false;
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
      if (problem.node[i] != problem.node[problem.first[customer]]) return false;
    }
  }
  return true;
}

}  // namespace

void DropWhatNeverFits(PlanProblem* problem) {
  const std::vector<int64_t> room = RoomOnPaths(*problem, TreeUsage(*problem));
  size_t kept = 0;
  uint32_t begin = 0;
  for (uint32_t customer = 0; customer < problem->customers; ++customer) {
    const uint32_t end = problem->first[customer + 1];
    for (size_t i = begin; i < end; ++i) {
      if (!FitsAlone(*problem, room, i)) {
        problem->never_fit.push_back(problem->source[i]);
        continue;
      }
      if (kept < i) {
        problem->charge[kept] = problem->charge[i];
        problem->value[kept] = problem->value[i];
        problem->node[kept] = problem->node[i];
        problem->offer[kept] = problem->offer[i];
        problem->source[kept] = problem->source[i];
      }
      ++kept;
    }
    begin = end;
    problem->first[customer + 1] = static_cast<uint32_t>(kept);
  }
  if (problem->never_fit.empty()) return;
  problem->charge.resize(kept);
  problem->value.resize(kept);
  problem->node.resize(kept);
  problem->offer.resize(kept);
  problem->source.resize(kept);
  problem->separable = Separable(*problem);
}

}  // namespace tenure::budget
