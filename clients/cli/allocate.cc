#include "clients/cli/allocate.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "clients/cli/allocate_cells.h"
#include "clients/cli/allocate_frontier.h"
#include "clients/cli/allocate_rounds.h"
#include "clients/cli/budgets_file.h"
#include "server/base/clock.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/plan_frontier.h"
#include "server/budget/plan_reasons.h"
#include "server/budget/plan_rounds.h"
#include "server/budget/planner.h"

namespace tenure::cli {
namespace {

using budget::PlanResult;
using budget::PlanStatus;
using Json = nlohmann::ordered_json;

constexpr double kMostSeconds = 365.0 * 24 * 3'600;
constexpr int64_t kMostThreads = 256;
constexpr double kSearchShare = 0.75;  // of --seconds, for the least total; then it is planned

struct AllocateOptions {
  std::string values;
  std::string budgets;
  std::string out;
  double seconds = 0;  // 0: no limit
  int32_t threads = 1;
  std::string frontier;  // totals
  std::string plot;
  std::string target;  // a value
  bool progress = false;
};

// A step from one offer of a customer to a dearer one.
Json ToJson(const AllocationInput& input, const budget::PlanStep& step) {
  const auto offer = [&input](int32_t at) -> Json {
    if (at < 0) return nullptr;
    return input.offers[static_cast<size_t>(input.plan.candidates[static_cast<size_t>(at)].offer)];
  };
  return {{"customer", input.customers[step.customer]},
          {"from", offer(step.from)},
          {"to", offer(step.to)},
          {"cost", UnitsFromMicros(step.charge_micros)},
          {"value", step.value}};
}

Json ToJson(const AllocationInput& input, const budget::NodeReasons& its) {
  Json json = {{"customers", its.customers},
               {"chosen", its.chosen},
               {"one_more_unit", its.one_more_unit},
               {"floor_price", its.floor_price}};
  if (its.last_funded.has_value()) json["last_funded"] = ToJson(input, *its.last_funded);
  if (its.best_unfunded.has_value()) json["best_unfunded"] = ToJson(input, *its.best_unfunded);
  return json;
}

Json ToJson(const AllocationInput& input, const BudgetsFile& budgets,
            const budget::PlanRounds& plan, const std::optional<budget::TargetPlan>& target) {
  const PlanResult& result = plan.total;
  Json json = {{"status", std::string(budget::PlanStatusName(result.status))},
               {"currency", budgets.currency},
               {"customers", input.customers.size()},
               {"chosen", CountChosen(result)},
               {"achieved", result.achieved},
               {"upper_bound", result.upper_bound},
               {"gap", result.gap},
               {"proven", result.proven},
               {"stopped", result.stopped}};
  if (!result.infeasible.empty()) json["infeasible"] = result.infeasible;
  if (target.has_value()) {
    json["least_total"] = UnitsFromMicros(target->least.budget_micros);
    json["no_plan_below"] = UnitsFromMicros(target->proven_micros);
  }
  Json unspent = Json::object();
  for (size_t node = 0; node < input.plan.nodes.size(); ++node) {
    const budget::PlanNode& its = input.plan.nodes[node];
    if (its.cap_micros == budget::kUncapped || result.unspent[node] == budget::Unspent::kNone) {
      continue;
    }
    unspent[its.id] = {{"amount", UnitsFromMicros(its.cap_micros - result.spend[node])},
                       {"reason", std::string(budget::UnspentName(result.unspent[node]))}};
  }
  for (size_t side = 0; side < input.plan.side_limits.size(); ++side) {
    const budget::SideLimit& its = input.plan.side_limits[side];
    if (result.side_unspent[side] == budget::Unspent::kNone) continue;
    const int64_t left = its.cap - result.side_used[side];
    unspent[its.id] = {{"reason", std::string(budget::UnspentName(result.side_unspent[side]))}};
    if (its.measure == budget::SideLimit::Measure::kCount) {
      unspent[its.id]["amount"] = left;
    } else {
      unspent[its.id]["amount"] = UnitsFromMicros(left);
    }
  }
  if (!input.warnings.empty()) json["warnings"] = input.warnings;
  json["spend"] = SpendJson(input.plan, result);
  json["prices"] = PricesJson(input.plan, result);
  json["unspent"] = std::move(unspent);
  if (result.status != PlanStatus::kInfeasible) {
    const std::vector<budget::NodeReasons> reasons =
        budget::FindReasons(input.plan, plan.rounds[0]);
    json["reasons"] = Json::object();
    for (size_t node = 0; node < reasons.size(); ++node) {
      json["reasons"][input.plan.nodes[node].id] = ToJson(input, reasons[node]);
    }
    const std::vector<budget::NodeReasons> sides =
        budget::FindSideReasons(input.plan, plan.rounds[0]);
    for (size_t side = 0; side < sides.size(); ++side) {
      json["reasons"][input.plan.side_limits[side].id] = ToJson(input, sides[side]);
    }
  }
  if (budgets.offers_per_customer > 1) json["rounds"] = RoundsJson(input, plan);
  json["seconds"] = result.seconds;
  return json;
}

void PrintText(const AllocationInput& input, const BudgetsFile& budgets, const PlanResult& result) {
  std::printf("%s%s: %lld of %zu customers, value %.2f %s, at most %.2f (gap %.3g), %.3f s\n",
              std::string(budget::PlanStatusName(result.status)).c_str(),
              result.proven && result.status != PlanStatus::kOptimal ? " (proven best)" : "",
              static_cast<long long>(CountChosen(result)), input.customers.size(), result.achieved,
              budgets.currency.c_str(), result.upper_bound, result.gap, result.seconds);
  if (result.stopped) std::printf("stopped by --seconds: with more there may be a better plan\n");
  std::printf("the gap is for the values given; how uncertain they are the file does not say\n");
  std::printf("%-32s %14s %14s %10s  %s\n", "budget", "spend", "limit", "price", "unspent because");
  for (size_t node = 0; node < input.plan.nodes.size(); ++node) {
    const budget::PlanNode& its = input.plan.nodes[node];
    const bool capped = its.cap_micros != budget::kUncapped;
    std::printf("%-32s %14s %14s %10.4f  %s\n", its.id.c_str(),
                DisplayMicros(result.spend[node]).c_str(),
                capped ? DisplayMicros(its.cap_micros).c_str() : "-", result.price[node],
                capped && result.unspent[node] != budget::Unspent::kNone
                    ? std::string(budget::UnspentName(result.unspent[node])).c_str()
                    : "");
  }
  for (size_t side = 0; side < input.plan.side_limits.size(); ++side) {
    const budget::SideLimit& its = input.plan.side_limits[side];
    const bool count = its.measure == budget::SideLimit::Measure::kCount;
    const budget::Unspent why = result.side_unspent[side];
    std::printf("%-32s %14s %14s %10.4f  %s\n", its.id.c_str(),
                count ? absl::StrCat(result.side_used[side]).c_str()
                      : DisplayMicros(result.side_used[side]).c_str(),
                count ? absl::StrCat(its.cap).c_str() : DisplayMicros(its.cap).c_str(),
                result.side_price[side],
                why == budget::Unspent::kNone ? "" : std::string(budget::UnspentName(why)).c_str());
  }
}

void PrintReasons(const AllocationInput& input, const PlanResult& result) {
  const std::vector<budget::NodeReasons> reasons = budget::FindReasons(input.plan, result);
  std::printf("\n%-32s %10s %10s %12s  %s\n", "a unit at the margin", "earns", "last paid",
              "next to buy", "which is");
  const auto print = [&input](const std::string& id, const budget::NodeReasons& its) {
    const auto per_unit = [](const std::optional<budget::PlanStep>& step) {
      return step.has_value() ? absl::StrFormat("%.4f", step->value_per_unit) : std::string("-");
    };
    std::string next;
    if (its.best_unfunded.has_value()) {
      const auto& to = input.plan.candidates[static_cast<size_t>(its.best_unfunded->to)];
      next = absl::StrCat(input.offers[static_cast<size_t>(to.offer)], " for ",
                          input.customers[its.best_unfunded->customer]);
    }
    std::printf("%-32s %10.4f %10s %12s  %s\n", id.c_str(), its.one_more_unit,
                per_unit(its.last_funded).c_str(), per_unit(its.best_unfunded).c_str(),
                next.c_str());
  };
  for (size_t node = 0; node < reasons.size(); ++node) {
    print(input.plan.nodes[node].id, reasons[node]);
  }
  const std::vector<budget::NodeReasons> sides = budget::FindSideReasons(input.plan, result);
  for (size_t side = 0; side < sides.size(); ++side) {
    print(input.plan.side_limits[side].id, sides[side]);
  }
}

// What can be asked of options alone.
absl::Status CheckOptions(const AllocateOptions& options) {
  if (!options.plot.empty() && options.frontier.empty()) {
    return absl::InvalidArgumentError("--plot draws a frontier: give --frontier as well");
  }
  if (!options.frontier.empty() && !(options.target.empty() && options.out.empty())) {
    return absl::InvalidArgumentError(
        "--frontier solves for several totals: it goes with neither --target nor --out");
  }
  for (const auto& [name, out] : {std::pair{"--out", options.out}, {"--plot", options.plot}}) {
    for (const std::string& input : {options.values, options.budgets}) {
      std::error_code unknown;
      if (out.empty() || !std::filesystem::equivalent(out, input, unknown)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": ", out, " is read from; name another file"));
    }
  }
  if (!options.out.empty() && options.out == options.plot) {
    return absl::InvalidArgumentError("--out and --plot name the same file");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<double>> Target(const AllocateOptions& options) {
  if (options.target.empty()) return std::optional<double>();
  double target = 0;
  if (!absl::SimpleAtod(options.target, &target) || !std::isfinite(target)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--target: '", options.target, "' is not a finite number"));
  }
  return std::optional<double>(target);
}

absl::Status RunCells(const AllocateOptions& options, BudgetsFile* budgets,
                      const std::vector<int64_t>& totals, const std::optional<double>& target,
                      const Session& session) {
  if (options.threads != 1) {
    return absl::InvalidArgumentError("--threads: cells are split in one thread; leave it out");
  }
  budget::CellsOptions plan;
  const auto stop_after = [&plan, began_us = MonotonicUs()](double seconds) {
    if (seconds > 0) plan.deadline_us = began_us + static_cast<int64_t>(seconds * 1e6);
  };
  if (!totals.empty()) {
    const double each = options.seconds / static_cast<double>(totals.size());
    return PrintFrontier(totals, SplitsUnder(*budgets, plan, each), *budgets, options.plot,
                         session);
  }
  std::optional<budget::TargetPlan> least;
  if (target.has_value()) {
    stop_after(options.seconds * kSearchShare);
    TENURE_ASSIGN_OR_RETURN(least, FindTarget(*target, SplitsUnder(*budgets, plan, 0), *budgets));
    budgets->total_micros = least->least.budget_micros;
  }
  stop_after(options.seconds);
  return AllocateCells(*budgets, least, plan, options.out, session);
}

absl::Status RunAllocate(const AllocateOptions& options, const Session& session) {
  TENURE_RETURN_IF_ERROR(CheckOptions(options));
  TENURE_ASSIGN_OR_RETURN(const std::optional<double> target, Target(options));
  if (options.progress) AlwaysShowProgress();
  std::vector<int64_t> totals;
  if (!options.frontier.empty()) {
    TENURE_ASSIGN_OR_RETURN(totals, ParseBudgets(options.frontier));
  }
  TENURE_ASSIGN_OR_RETURN(BudgetsFile budgets, ReadBudgetsFile(options.budgets));
  if (!budgets.cells.empty() && options.values.empty()) {
    return RunCells(options, &budgets, totals, target, session);
  }
  if (!budgets.cells.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--values: ", options.budgets,
                     " has `cells`, which are split without; give one of the two"));
  }
  if (options.values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--values is missing; only `cells` in ", options.budgets, " go without"));
  }
  if (budgets.offers_per_customer > 1 && (!totals.empty() || target.has_value())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--frontier and --target plan one offer per customer, ", options.budgets, " asks for ",
        budgets.offers_per_customer, " (`offers_per_customer`): leave one of the two out"));
  }
  TENURE_ASSIGN_OR_RETURN(AllocationInput input, ReadValuesFile(options.values, budgets));
  for (const std::string& warning : input.warnings) {
    std::fprintf(stderr, "warning: %s: %s\n", options.budgets.c_str(), warning.c_str());
  }
  budget::PlanOptions plan;
  plan.threads = options.threads;
  const auto stop_after = [&plan, began_us = MonotonicUs()](double seconds) {
    if (seconds > 0) plan.deadline_us = began_us + static_cast<int64_t>(seconds * 1e6);
  };
  if (!totals.empty()) {
    const double each = options.seconds / static_cast<double>(totals.size());
    return PrintFrontier(totals, PlansUnder(&input, budgets, plan, each), budgets, options.plot,
                         session);
  }
  std::optional<budget::TargetPlan> least;
  if (target.has_value()) {
    stop_after(options.seconds * kSearchShare);
    TENURE_ASSIGN_OR_RETURN(least,
                            FindTarget(*target, PlansUnder(&input, budgets, plan, 0), budgets));
    input.plan.nodes[0].cap_micros = least->least.budget_micros;
  }
  stop_after(options.seconds);
  Progress("planning", 0);
  TENURE_ASSIGN_OR_RETURN(const budget::PlanRounds planned,
                          budget::SolveRounds(input.plan, RoundsOf(input, budgets), plan));
  const PlanResult& result = planned.total;
  Progress("planning", 1);
  if (least.has_value() && !budget::ReachesTarget(result.achieved, *target)) {
    return absl::DeadlineExceededError(absl::StrCat(
        "--seconds ", options.seconds, " ended before a plan under ",
        DisplayMicros(least->least.budget_micros), " reached ", options.target,
        absl::StrFormat(" (it reached %.13g)", result.achieved), "; allow more seconds"));
  }
  if (session.json) {
    PrintJson(ToJson(input, budgets, planned, least));
  } else if (result.status != PlanStatus::kInfeasible) {
    if (least.has_value()) PrintTarget(*least);
    if (budgets.offers_per_customer > 1) PrintRounds(budgets, planned);
    PrintText(input, budgets, result);
    PrintReasons(input, planned.rounds[0]);
  }
  if (result.status == PlanStatus::kInfeasible) {
    return absl::FailedPreconditionError(absl::StrCat(options.budgets, ": ", result.infeasible));
  }
  if (options.out.empty()) return absl::OkStatus();
  return WriteFile(options.out, ChoicesCsv(input, planned));
}

// A refused input as a document of its own: what is wrong, and in which field.
absl::Status Reported(absl::Status status, const Session& session) {
  if (!session.json || !absl::IsInvalidArgument(status)) return status;
  const std::string message(status.message());
  const auto path = status.GetPayload(kFieldPayload);
  // An option is named by its first word.
  const size_t end = message.find(absl::StartsWith(message, "--") ? " " : ": ");
  const std::string field = path.has_value()
                                ? std::string(*path)
                                : std::string(absl::StripSuffix(message.substr(0, end), ":"));
  PrintJson({{"status", "INVALID"},
             {"field", field},
             {"error", {{"code", absl::StatusCodeToString(status.code())}, {"message", message}}}});
  return status;
}

}  // namespace

void AddAllocate(const Command& app, Session* session) {
  auto options = std::make_shared<AllocateOptions>();
  const Command command =
      app.Add(session, "allocate", "who gets which offer under the budgets, with proof",
              [options, session] { return Reported(RunAllocate(*options, *session), *session); });
  command.AddOption("--values", options->values,
                    "CSV: customer,segment,offer,cost,value; not with `cells`");
  command.AddOption("--budgets", options->budgets, "YAML: currency, total, segments, …; or cells")
      .Required();
  command.AddOption("--out", options->out, "CSV: customer,offer of those chosen; or cell,amount");
  command.AddOption("--seconds", options->seconds, "stop with the best plan so far")
      .NumberIn(0, kMostSeconds);
  command.AddOption("--threads", options->threads, "the plan is the same with any number")
      .WholeIn(1, kMostThreads);
  command.AddOption("--frontier", options->frontier,
                    "what other totals would buy: a list such as 1000,2000");
  command.AddOption("--plot", options->plot, "SVG of the frontier");
  command.AddOption("--target", options->target,
                    "a value: the plan of the least total, up to the file's, that reaches it");
  command.AddFlag("--progress", options->progress,
                  "on standard error, also where that is no terminal");
}

}  // namespace tenure::cli
