#include "server/budget/plan_hull.h"

namespace tenure::budget {
namespace {

// Puts candidate i into its place by (charge, value): customers have few offers.
void Insert(const PlanProblem& problem, uint32_t i, std::vector<uint32_t>* points) {
  points->push_back(i);
  size_t at = points->size() - 1;
  for (; at > 0; --at) {
    const uint32_t before = (*points)[at - 1];
    if (problem.charge[before] < problem.charge[i] ||
        (problem.charge[before] == problem.charge[i] &&
         problem.value[before] <= problem.value[i])) {
      break;
    }
    (*points)[at] = before;
  }
  (*points)[at] = i;
}

}  // namespace

void AppendIncrements(const PlanProblem& problem, uint32_t customer, std::vector<uint32_t>* points,
                      std::vector<Increment>* increments) {
  points->clear();
  double base = 0;  // the best that costs nothing
  for (uint32_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
    if (problem.charge[i] > 0) {
      Insert(problem, i, points);
    } else if (problem.value[i] > base) {
      base = problem.value[i];
    }
  }
  // The corners of the hull gather at the front of `points`.
  size_t corners = 0;
  for (const uint32_t point : *points) {
    const int64_t charge = problem.charge[point];
    const double value = problem.value[point];
    if (value <= (corners > 0 ? problem.value[(*points)[corners - 1]] : base)) continue;
    for (;;) {
      const bool first = corners == 0;
      const int64_t step = charge - (first ? 0 : problem.charge[(*points)[corners - 1]]);
      const double gain = value - (first ? base : problem.value[(*points)[corners - 1]]);
      const double slope = gain / static_cast<double>(step);
      if (!first && (step == 0 || slope >= increments->back().efficiency)) {
        increments->pop_back();  // a corner that the new point makes worthless
        --corners;
        continue;
      }
      increments->push_back({slope, step});
      (*points)[corners++] = point;
      break;
    }
  }
}

}  // namespace tenure::budget
