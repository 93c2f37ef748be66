#include "server/planning/arrivals.h"

#include <algorithm>
#include <cmath>

namespace tenure::planning {
namespace {

constexpr double kEnoughDays = 7;
constexpr int64_t kEnoughDecisions = 100;
constexpr double kFewPauses = 32;

// P(N >= n) of a Poisson variable with that mean.
double AtLeast(int n, double mean) {
  double term = std::exp(-mean), below = 0;
  for (int k = 0; k < n; ++k) {
    below += term;
    term *= mean / (k + 1);
  }
  return std::max(0.0, 1 - below);
}

}  // namespace

absl::string_view ArrivalSourceName(ArrivalSource source) {
  switch (source) {
    case ArrivalSource::kUnknown:
      return "unknown";
    case ArrivalSource::kDeclared:
      return "declared";
    case ArrivalSource::kMeasured:
      return "measured";
  }
  return "unknown";
}

Arrivals FindArrivals(const rules::RuleSet& rules, const ArrivalCounts& counts,
                      absl::Span<const int64_t> customers) {
  Arrivals arrivals;
  arrivals.stages.resize(customers.size());
  for (size_t s = 0; s < customers.size(); ++s) arrivals.stages[s].customers = customers[s];
  int64_t all = 0;
  for (const auto& [stage, decisions] : counts.decisions) all += decisions;
  if (counts.days >= kEnoughDays && all >= kEnoughDecisions) {
    arrivals.source = ArrivalSource::kMeasured;
    for (size_t s = 0; s < customers.size(); ++s) {
      const std::vector<rules::Stage>& stages = rules.tracks.front().stages;
      const auto found = counts.decisions.find(s < stages.size() ? stages[s].id : "");
      if (found == counts.decisions.end() || customers[s] == 0) continue;
      arrivals.stages[s].per_day =
          static_cast<double>(found->second) / (counts.days * static_cast<double>(customers[s]));
    }
  } else if (rules.arrivals_per_week.has_value()) {
    arrivals.source = ArrivalSource::kDeclared;
    for (StageArrivals& stage : arrivals.stages) stage.per_day = *rules.arrivals_per_week / 7;
  }
  return arrivals;
}

double ExpectedUses(double per_day, double pause_days, double days) {
  if (per_day <= 0 || days <= 0) return 0;
  if (pause_days <= 0) return per_day * days;
  if (days / pause_days > kFewPauses) {
    // The renewal function's asymptote, its first wait without a pause (Feller, XI.3).
    const double wait = 1 / per_day, cycle = pause_days + wait;
    return (days - wait) / cycle + 0.5 * (1 + wait * wait / (cycle * cycle));
  }
  // The n-th use comes in time where n arrivals come in what the n − 1 pauses before it leave.
  double uses = 0;
  for (int n = 1; days - (n - 1) * pause_days > 0; ++n) {
    const double chance = AtLeast(n, per_day * (days - (n - 1) * pause_days));
    uses += chance;
    if (chance < 1e-9) break;
  }
  return uses;
}

}  // namespace tenure::planning
