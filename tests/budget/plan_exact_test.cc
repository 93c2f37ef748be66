// The search for the best plan of few customers: stopped wherever it is, it leaves a whole plan.
#include "server/budget/plan_exact.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <limits>
#include <vector>

#include "server/base/clock.h"
#include "server/budget/plan_prices.h"
#include "server/budget/plan_problem.h"
#include "server/budget/plan_verifier.h"
#include "server/budget/planner.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

constexpr size_t kStates = size_t{1} << 21;
constexpr int kNever = std::numeric_limits<int>::max();

// The search from the rounded plan, with a stop that says yes from the k-th time it is asked.
class ExactRun {
 public:
  explicit ExactRun(const PlanProblem& problem)
      : problem_(problem),
        prices_(FindPlanPrices(problem, [] { return false; })),
        bound_(UpperBound(problem, prices_)) {}

  bool StopFrom(int k) {
    PlanChoice plan(problem_);
    RoundPlan(
        problem_, prices_, [] { return false; }, &plan);
    before_ = Chosen(plan);
    asked_ = 0;
    const std::function<bool()> stop = [&] { return ++asked_ >= k; };
    const bool proven = SolveExactly(problem_, prices_, bound_, kStates, stop, &plan);
    after_ = Chosen(plan);
    value_ = plan.TotalValue();
    return proven;
  }

  int asked() const { return asked_; }
  double value() const { return value_; }
  bool changed() const { return before_ != after_; }

 private:
  std::vector<int64_t> Chosen(const PlanChoice& plan) const {
    std::vector<int64_t> chosen;
    for (uint32_t c = 0; c < problem_.customers; ++c) chosen.push_back(plan.chosen(c));
    return chosen;
  }

  const PlanProblem& problem_;
  const PlanPrices prices_;
  const double bound_;
  std::vector<int64_t> before_, after_;
  int asked_ = 0;
  double value_ = 0;
};

TEST(SolveExactly, StoppedAtAnyMoment_LeavesThePlanAndAsksNoMore) {
  const PlanInput input = MakeCampaignInstance(100, 1);
  const auto problem = BuildPlanProblem(input);
  ASSERT_TRUE(problem.ok()) << problem.status();
  ExactRun run(*problem);
  ASSERT_TRUE(run.StopFrom(kNever));
  EXPECT_TRUE(run.changed());
  const double best = run.value();
  const int whole = run.asked();
  // It is asked often, so that a deadline of a moment is held to a moment.
  ASSERT_GT(whole, 300);
  for (int part = 0; part < 12; ++part) {
    const int k = 1 + whole * part / 12;
    ASSERT_FALSE(run.StopFrom(k)) << "stopped at the " << k << "th of " << whole;
    EXPECT_FALSE(run.changed());
    EXPECT_LT(run.value(), best);
    // Those that see it on the way out: a list and the node it is for.
    EXPECT_LE(run.asked(), k + 2);
  }
}

// The same by the planner: cancelled while it searches, from wherever it is by then.
TEST(SolveExactly, CancelledWithinThePlanner_PlanIsVerifiedAndNotCalledProven) {
  const PlanInput input = MakeCampaignInstance(150, 2);
  const auto whole = Solve(input);
  ASSERT_TRUE(whole.ok() && whole->proven);
  int stopped = 0;
  for (int part = 0; part <= 8; ++part) {
    const auto deadline_us = static_cast<int64_t>(whole->seconds * 1e6 * part / 9);
    const auto result = Solve(input, {.deadline_us = MonotonicUs() + deadline_us});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(VerifyPlan(input, *result).ok());
    EXPECT_LE(result->achieved, whole->achieved);
    EXPECT_GE(result->upper_bound, whole->achieved);
    if (!result->stopped) continue;
    ++stopped;
    EXPECT_GE(result->gap, 0);
    EXPECT_TRUE(!result->proven || result->achieved == whole->achieved);
  }
  EXPECT_GT(stopped, 0);
}

}  // namespace
}  // namespace tenure::budget
