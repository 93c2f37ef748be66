#include "server/budget/plan_frontier.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/money.h"
#include "server/base/status.h"

namespace tenure::budget {
namespace {

constexpr int64_t kPrecision = 1'000'000;  // of a budget: the last millionth is not looked for
constexpr double kSumRounding = 1e-12;     // of a target
constexpr double kNoPlan = -std::numeric_limits<double>::infinity();

// Digits enough to tell what ReachesTarget() tells apart.
std::string Digits(double value) { return absl::StrFormat("%.13g", value); }

class LeastBudget {
 public:
  LeastBudget(double target, const SolveTotal& solve) : target_(target), solve_(solve) {}

  absl::StatusOr<TargetPlan> Find(int64_t most_micros) {
    TENURE_ASSIGN_OR_RETURN(const FrontierPoint most, solve_(most_micros));
    if (!most.infeasible.empty()) return absl::FailedPreconditionError(most.infeasible);
    if (!ReachesTarget(most.achieved, target_)) return NotReached(most);
    least_ = most;
    open_ = {most_micros, most.upper_bound};
    End enough = {most_micros, most.achieved};
    End short_of = {-1, kNoPlan};
    TENURE_RETURN_IF_ERROR(Narrow(false, &short_of, &enough));
    // Between the last bound below the target and the first above it: bounds rise with budgets.
    TENURE_RETURN_IF_ERROR(Narrow(true, &proven_, &open_));
    return TargetPlan{least_, std::min(proven_.budget + 1, least_.budget_micros)};
  }

 private:
  struct End {
    int64_t budget;
    double value;  // what the plan achieves, or the bound
  };

  absl::Status NotReached(const FrontierPoint& most) const {
    const std::string brings =
        absl::StrCat(DisplayMicros(most.budget_micros), " brings ", Digits(most.achieved),
                     ", and nothing brings more than ", Digits(most.upper_bound));
    if (!ReachesTarget(most.upper_bound, target_)) {
      return absl::FailedPreconditionError(absl::StrCat("a value of ", Digits(target_),
                                                        " is out of reach: ", brings,
                                                        "; raise the total or lower the target"));
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "no plan found is worth ", Digits(target_), ": ", brings, "; ",
        most.stopped ? "allow more seconds, " : "", "raise the total or lower the target"));
  }

  // Brings the two ends together: below the target at one, not below at the other.
  absl::Status Narrow(bool by_bound, End* below, End* above) {
    for (int step = 0;
         above->budget - below->budget > std::max<int64_t>(1, above->budget / kPrecision); ++step) {
      const int64_t middle = Middle(*below, *above, step);
      TENURE_ASSIGN_OR_RETURN(const FrontierPoint point, solve_(middle));
      const bool none = !point.infeasible.empty();
      const End achieved = {middle, none ? kNoPlan : point.achieved};
      const End bound = {middle, none ? kNoPlan : point.upper_bound};
      const bool possible = ReachesTarget(bound.value, target_);
      const bool reached = ReachesTarget(achieved.value, target_);
      if (!possible && middle > proven_.budget) proven_ = bound;
      if (possible && middle < open_.budget) open_ = bound;
      if (reached && middle < least_.budget_micros) least_ = point;
      ((by_bound ? possible : reached) ? *above : *below) = by_bound ? bound : achieved;
    }
    return absl::OkStatus();
  }

  // First what the best plan so far leaves unspent; then where a line through the two ends meets
  // the target, and every third time the middle.
  int64_t Middle(const End& below, const End& above, int step) const {
    const int64_t least = below.budget + 1;
    const int64_t most = above.budget - 1;
    if (step == 0 && least_.spend_micros >= least && least_.spend_micros <= most) {
      return least_.spend_micros;
    }
    const int64_t half = below.budget + (above.budget - below.budget) / 2;
    if (step % 3 == 2 || below.value == kNoPlan || !(above.value > below.value)) {
      return std::clamp(half, least, most);
    }
    const double share = (target_ - below.value) / (above.value - below.value);
    const double more = share * static_cast<double>(above.budget - below.budget);
    return std::clamp(below.budget + static_cast<int64_t>(more), least, most);
  }

  const double target_;
  const SolveTotal& solve_;
  FrontierPoint least_;         // the smallest budget so far that reaches the target
  End proven_ = {-1, kNoPlan};  // the largest whose bound is below the target
  End open_ = {0, 0};           // the smallest whose bound is not
};

}  // namespace

absl::StatusOr<std::vector<FrontierPoint>> FindFrontier(absl::Span<const int64_t> budgets_micros,
                                                        const SolveTotal& solve) {
  std::vector<size_t> rising(budgets_micros.size());
  std::iota(rising.begin(), rising.end(), size_t{0});
  std::stable_sort(rising.begin(), rising.end(),
                   [&](size_t a, size_t b) { return budgets_micros[a] < budgets_micros[b]; });
  std::vector<FrontierPoint> points(budgets_micros.size());
  const FrontierPoint* before = nullptr;
  for (const size_t i : rising) {
    if (budgets_micros[i] < 0) {
      return absl::InvalidArgumentError(absl::StrCat("budgets[", i, "]: is negative"));
    }
    TENURE_ASSIGN_OR_RETURN(points[i], solve(budgets_micros[i]));
    if (!points[i].infeasible.empty()) continue;
    if (before != nullptr && before->achieved > points[i].achieved) {
      points[i].achieved = before->achieved;
      points[i].spend_micros = before->spend_micros;
      points[i].gap =
          std::max(0.0, (points[i].upper_bound - before->achieved) / points[i].upper_bound);
    }
    before = &points[i];
  }
  return points;
}

bool ReachesTarget(double value, double target) {
  return value >= target - kSumRounding * std::abs(target);
}

absl::StatusOr<TargetPlan> FindLeastBudget(double target, int64_t most_micros,
                                           const SolveTotal& solve) {
  if (!std::isfinite(target)) return absl::InvalidArgumentError("target: is not a finite number");
  if (most_micros < 0) return absl::InvalidArgumentError("budget: is negative");
  return LeastBudget(target, solve).Find(most_micros);
}

}  // namespace tenure::budget
