// Gap and time of the planner on the campaign instances (N customers, eight offers, 20 segments),
// time as a ratio to one streaming read of the same input in the same run.
// planner_bench [customers …], by default 1,000 to 1,000,000.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "server/base/clock.h"
#include "server/budget/planner.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

// Seconds of the fastest of three reads of all candidates.
double StreamingRead(const PlanInput& input) {
  double fastest = 1e9;
  double sum = 0;
  for (int run = 0; run < 3; ++run) {
    const int64_t started_us = MonotonicUs();
    for (const Candidate& candidate : input.candidates) {
      sum += candidate.value + static_cast<double>(candidate.charge_micros);
    }
    fastest = std::min(fastest, static_cast<double>(MonotonicUs() - started_us) * 1e-6);
  }
  // The sum is used, so that the reads are not left out.
  if (sum == 0.5) std::printf("\n");
  return std::max(fastest, 1e-6);
}

void Run(uint32_t customers) {
  const PlanInput input = MakeCampaignInstance(customers, 1);
  const double read = StreamingRead(input);
  for (const int64_t states : {int64_t{0}, PlanOptions().search_states}) {
    const auto result = Solve(input, {.search_states = states});
    if (!result.ok()) {
      std::printf("%u customers: %s\n", customers, result.status().ToString().c_str());
      return;
    }
    std::printf("%9u customers, search %5lld: gap %9.3g, %8.4f s, %8.1f x one read, %s\n",
                customers, static_cast<long long>(states), result->gap, result->seconds,
                result->seconds / read, std::string(PlanStatusName(result->status)).c_str());
  }
}

}  // namespace
}  // namespace tenure::budget

int main(int argc, char** argv) {
  std::vector<uint32_t> sizes = {1'000, 10'000, 100'000, 1'000'000};
  if (argc > 1) sizes.clear();
  for (int i = 1; i < argc; ++i) sizes.push_back(static_cast<uint32_t>(std::atol(argv[i])));
  for (const uint32_t customers : sizes) tenure::budget::Run(customers);
  return 0;
}
