// How often customers are decided for, and how often an offer can reach them meanwhile: a plan is
// over customers, decisions are over arrivals.
#ifndef TENURE_SERVER_PLANNING_ARRIVALS_H_
#define TENURE_SERVER_PLANNING_ARRIVALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Decisions of late, by the stage that the customer was in.
struct ArrivalCounts {
  double days = 0;  // that were counted
  std::map<std::string, int64_t> decisions;
};

enum class ArrivalSource : uint8_t {
  kUnknown,   // nobody said, too few were counted: once in the period
  kDeclared,  // by the rule set
  kMeasured,
};
absl::string_view ArrivalSourceName(ArrivalSource source);

struct StageArrivals {
  int64_t customers = 0;
  double per_day = 0;  // a customer's; a Poisson process
};

struct Arrivals {
  ArrivalSource source = ArrivalSource::kUnknown;
  std::vector<StageArrivals> stages;  // by stage of the lifecycle, those in none last
};

// Counted once there are a week's and a hundred; then a stage without any has none.
// `customers` is by stage as in Arrivals.
Arrivals FindArrivals(const rules::RuleSet& rules, const ArrivalCounts& counts,
                      absl::Span<const int64_t> customers);

// How often something happens in `days` that each arrival of a Poisson process sets off, unless it
// happened less than `pause_days` before: the counter of type I of Feller, An Introduction to
// Probability Theory II (1971), XI.8, begun ready. All arguments >= 0.
double ExpectedUses(double per_day, double pause_days, double days);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_ARRIVALS_H_
