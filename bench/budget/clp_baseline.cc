#include "bench/budget/clp_baseline.h"

#include <coin/ClpSimplex.hpp>
#include <vector>

#include "server/base/clock.h"

namespace tenure::budget {

ClpResult SolveWithClp(const PlanInput& input) {
  const int customers = static_cast<int>(input.customers);
  const int rows = customers + static_cast<int>(input.nodes.size());
  std::vector<CoinBigIndex> starts = {0};
  std::vector<int> row;
  std::vector<double> element;
  std::vector<double> objective;
  for (const Candidate& candidate : input.candidates) {
    if (candidate.value <= 0) continue;
    row.push_back(static_cast<int>(candidate.customer));
    element.push_back(1);
    for (int node = candidate.node; node >= 0;
         node = input.nodes[static_cast<size_t>(node)].parent) {
      row.push_back(customers + node);
      element.push_back(static_cast<double>(candidate.charge_micros) * 1e-6);
    }
    starts.push_back(static_cast<CoinBigIndex>(row.size()));
    objective.push_back(-candidate.value);
  }
  const auto columns = static_cast<int>(objective.size());
  std::vector<double> most(static_cast<size_t>(rows), 1);
  for (size_t node = 0; node < input.nodes.size(); ++node) {
    const int64_t cap = input.nodes[node].cap_micros;
    most[static_cast<size_t>(customers) + node] =
        cap == kUncapped ? COIN_DBL_MAX : static_cast<double>(cap) * 1e-6;
  }
  const std::vector<double> least(static_cast<size_t>(rows), -COIN_DBL_MAX);
  const std::vector<double> zero(objective.size(), 0);
  const std::vector<double> one(objective.size(), 1);
  ClpSimplex model;
  model.setLogLevel(0);
  model.loadProblem(columns, rows, starts.data(), row.data(), element.data(), zero.data(),
                    one.data(), objective.data(), least.data(), most.data());
  const int64_t started_us = MonotonicUs();
  model.dual();
  return {-model.objectiveValue(), static_cast<double>(MonotonicUs() - started_us) * 1e-6};
}

}  // namespace tenure::budget
