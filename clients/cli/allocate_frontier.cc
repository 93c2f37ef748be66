#include "clients/cli/allocate_frontier.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/allocate_cells.h"
#include "server/base/clock.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/validation/svg_plot.h"

namespace tenure::cli {
namespace {

using budget::FrontierPoint;
using budget::SolveTotal;
using Json = nlohmann::ordered_json;

// A document of its own: the element with the colours inside.
std::string Drawing(std::vector<FrontierPoint> points, const BudgetsFile& budgets) {
  std::erase_if(points, [](const FrontierPoint& point) { return !point.infeasible.empty(); });
  std::sort(points.begin(), points.end(), [](const FrontierPoint& a, const FrontierPoint& b) {
    return a.budget_micros < b.budget_micros;
  });
  validation::PlotSeries value{"value of the plan", validation::Mark::kLine, {}, {}};
  validation::PlotSeries bound{"no plan is worth more", validation::Mark::kDashedLine, {}, {}};
  validation::PlotSeries marks{"budgets asked", validation::Mark::kPoints, {}, {}};
  for (const FrontierPoint& point : points) {
    const double x = UnitsFromMicros(point.budget_micros);
    for (auto* series : {&value, &bound, &marks}) series->x.push_back(x);
    value.y.push_back(point.achieved);
    bound.y.push_back(point.upper_bound);
    marks.y.push_back(point.achieved);
  }
  validation::Plot plot;
  plot.id = "frontier";
  plot.title = "What a budget buys";
  plot.description = "The value of the best plan found under each total, and its upper bound.";
  plot.x_label = absl::StrCat("total, ", budgets.currency);
  plot.y_label = absl::StrCat("value, ", budgets.currency);
  plot.series = {value, bound, marks};
  std::string svg = validation::RenderSvg(plot);
  const size_t inside = svg.find('>') + 1;
  svg.insert(inside, absl::StrCat("\n<style>\n", validation::PlotStyle(), "</style>"));
  return svg;
}

Json ToJson(const FrontierPoint& point) {
  if (!point.infeasible.empty()) {
    return {{"budget", UnitsFromMicros(point.budget_micros)}, {"infeasible", point.infeasible}};
  }
  return {{"budget", UnitsFromMicros(point.budget_micros)},
          {"spend", UnitsFromMicros(point.spend_micros)},
          {"achieved", point.achieved},
          {"upper_bound", point.upper_bound},
          {"gap", point.gap},
          {"price", point.price},
          {"stopped", point.stopped}};
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ParseBudgets(const std::string& list) {
  std::vector<int64_t> totals;
  for (const absl::string_view text : absl::StrSplit(list, ',')) {
    const auto micros = ParseMicros(absl::StripAsciiWhitespace(text));
    if (!micros.ok() || *micros < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--frontier: '", text, "' is no amount; give totals such as 1000,2000.50"));
    }
    totals.push_back(*micros);
  }
  return totals;
}

SolveTotal PlansUnder(AllocationInput* input, const BudgetsFile& budgets,
                      const budget::PlanOptions& options, double seconds_each) {
  auto prices = std::make_shared<std::vector<double>>();
  return [input, prices, options, seconds_each,
          path = budgets.path](int64_t total_micros) -> absl::StatusOr<FrontierPoint> {
    input->plan.nodes[0].cap_micros = total_micros;
    budget::PlanOptions its = options;
    its.start_prices = *prices;
    if (seconds_each > 0) {
      its.deadline_us = MonotonicUs() + static_cast<int64_t>(seconds_each * 1e6);
    }
    TENURE_ASSIGN_OR_RETURN(const budget::PlanResult result, budget::Solve(input->plan, its));
    FrontierPoint point;
    point.budget_micros = total_micros;
    if (result.status == budget::PlanStatus::kInfeasible) {
      point.infeasible = absl::StrCat(path, ": ", result.infeasible);
      return point;
    }
    *prices = result.path_price;
    point.spend_micros = result.spend[0];
    point.achieved = result.achieved;
    point.upper_bound = result.upper_bound;
    point.gap = result.gap;
    point.price = result.path_price[0];
    point.stopped = result.stopped;
    return point;
  };
}

SolveTotal SplitsUnder(const BudgetsFile& budgets, const budget::CellsOptions& options,
                       double seconds_each) {
  auto input = std::make_shared<budget::CellsInput>(CellsOf(budgets));
  return [input, options, seconds_each,
          path = budgets.path](int64_t total_micros) -> absl::StatusOr<FrontierPoint> {
    input->budget_micros = total_micros;
    budget::CellsOptions its = options;
    if (seconds_each > 0) {
      its.deadline_us = MonotonicUs() + static_cast<int64_t>(seconds_each * 1e6);
    }
    TENURE_ASSIGN_OR_RETURN(const budget::CellsResult result, budget::SolveCells(*input, its));
    FrontierPoint point;
    point.budget_micros = total_micros;
    if (result.status == budget::PlanStatus::kInfeasible) {
      point.infeasible = absl::StrCat(path, ": ", result.infeasible);
      return point;
    }
    for (const int64_t amount : result.amount) point.spend_micros += amount;
    point.achieved = result.achieved;
    point.upper_bound = result.upper_bound;
    point.gap = result.gap;
    point.price = result.price;
    point.stopped = result.stopped;
    return point;
  };
}

absl::Status PrintFrontier(const std::vector<int64_t>& totals_micros, const SolveTotal& solve,
                           const BudgetsFile& budgets, const std::string& plot,
                           const Session& session) {
  double done = 0;
  const SolveTotal counted = [&](int64_t total_micros) {
    Progress("planning", done++ / static_cast<double>(totals_micros.size()));
    return solve(total_micros);
  };
  TENURE_ASSIGN_OR_RETURN(const std::vector<FrontierPoint> points,
                          budget::FindFrontier(totals_micros, counted));
  Progress("planning", 1);
  if (!plot.empty()) TENURE_RETURN_IF_ERROR(WriteFile(plot, Drawing(points, budgets)));
  if (session.json) {
    Json json = {{"currency", budgets.currency}, {"frontier", Json::array()}};
    for (const FrontierPoint& point : points) json["frontier"].push_back(ToJson(point));
    PrintJson(json);
    return absl::OkStatus();
  }
  std::printf("%14s %14s %14s %14s %9s %10s\n", "total", "spend", "value", "at most", "gap",
              "unit earns");
  for (const FrontierPoint& point : points) {
    if (!point.infeasible.empty()) {
      std::printf("%14s INFEASIBLE: %s\n", DisplayMicros(point.budget_micros).c_str(),
                  point.infeasible.c_str());
      continue;
    }
    std::printf(
        "%14s %14s %14.2f %14.2f %9.3g %10s%s\n", DisplayMicros(point.budget_micros).c_str(),
        DisplayMicros(point.spend_micros).c_str(), point.achieved, point.upper_bound, point.gap,
        PriceText(point.price).c_str(), point.stopped ? "  stopped by --seconds" : "");
  }
  return absl::OkStatus();
}

absl::StatusOr<budget::TargetPlan> FindTarget(double target, const SolveTotal& solve,
                                              const BudgetsFile& budgets) {
  int step = 0;
  const SolveTotal counted = [&](int64_t total_micros) {
    Progress("looking for the least total", 1 - 1 / (1 + 0.1 * ++step));
    return solve(total_micros);
  };
  auto plan = budget::FindLeastBudget(target, budgets.total_micros, counted);
  Progress("looking for the least total", 1);
  if (plan.status().code() == absl::StatusCode::kFailedPrecondition) {
    return absl::FailedPreconditionError(absl::StrCat("--target: ", plan.status().message()));
  }
  return plan;
}

void PrintTarget(const budget::TargetPlan& target) {
  std::printf("%s reaches a value of %.10g; no plan below %s reaches the target\n",
              DisplayMicros(target.least.budget_micros).c_str(), target.least.achieved,
              DisplayMicros(target.proven_micros).c_str());
}

}  // namespace tenure::cli
