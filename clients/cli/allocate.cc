#include "clients/cli/allocate.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "clients/cli/allocate_cells.h"
#include "clients/cli/budgets_file.h"
#include "clients/cli/csv.h"
#include "server/base/clock.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/planner.h"

namespace tenure::cli {
namespace {

using budget::PlanResult;
using budget::PlanStatus;
using Json = nlohmann::ordered_json;

constexpr double kMostSeconds = 365.0 * 24 * 3'600;

struct AllocateOptions {
  std::string values;
  std::string budgets;
  std::string out;
  double seconds = 0;  // 0: no limit
};

std::string ChoicesCsv(const AllocationInput& input, const PlanResult& result) {
  std::string csv = "customer,offer\n";
  for (size_t customer = 0; customer < result.choice.size(); ++customer) {
    if (result.choice[customer] < 0) continue;
    const auto& chosen = input.plan.candidates[static_cast<size_t>(result.choice[customer])];
    absl::StrAppend(&csv, CsvField(input.customers[customer]), ",",
                    CsvField(input.offers[static_cast<size_t>(chosen.offer)]), "\n");
  }
  return csv;
}

int64_t CountChosen(const PlanResult& result) {
  int64_t chosen = 0;
  for (const int32_t choice : result.choice) chosen += choice >= 0 ? 1 : 0;
  return chosen;
}

// Counts stay whole numbers, money is in the currency's unit.
Json SideUse(const budget::SideLimit& side, int64_t used) {
  if (side.measure == budget::SideLimit::Measure::kCount) return used;
  return UnitsFromMicros(used);
}

Json ToJson(const AllocationInput& input, const BudgetsFile& budgets, const PlanResult& result) {
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
  Json spend = Json::object();
  Json prices = Json::object();
  Json unspent = Json::object();
  for (size_t node = 0; node < input.plan.nodes.size(); ++node) {
    const budget::PlanNode& its = input.plan.nodes[node];
    spend[its.id] = UnitsFromMicros(result.spend[node]);
    prices[its.id] = result.price[node];
    if (its.cap_micros == budget::kUncapped || result.unspent[node] == budget::Unspent::kNone) {
      continue;
    }
    unspent[its.id] = {{"amount", UnitsFromMicros(its.cap_micros - result.spend[node])},
                       {"reason", std::string(budget::UnspentName(result.unspent[node]))}};
  }
  for (size_t side = 0; side < input.plan.side_limits.size(); ++side) {
    const budget::SideLimit& its = input.plan.side_limits[side];
    spend[its.id] = SideUse(its, result.side_used[side]);
    prices[its.id] = result.side_price[side];
  }
  json["spend"] = std::move(spend);
  json["prices"] = std::move(prices);
  json["unspent"] = std::move(unspent);
  json["seconds"] = result.seconds;
  return json;
}

void PrintText(const AllocationInput& input, const BudgetsFile& budgets, const PlanResult& result) {
  std::printf("%s%s: %lld of %zu customers, value %.2f %s, at most %.2f (gap %.3g), %.3f s\n",
              std::string(budget::PlanStatusName(result.status)).c_str(),
              result.proven && result.status != PlanStatus::kOptimal ? " (proven best)" : "",
              static_cast<long long>(CountChosen(result)), input.customers.size(), result.achieved,
              budgets.currency.c_str(), result.upper_bound, result.gap, result.seconds);
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
    std::printf("%-32s %14s %14s %10.4f\n", its.id.c_str(),
                count ? absl::StrCat(result.side_used[side]).c_str()
                      : DisplayMicros(result.side_used[side]).c_str(),
                count ? absl::StrCat(its.cap).c_str() : DisplayMicros(its.cap).c_str(),
                result.side_price[side]);
  }
}

absl::Status RunAllocate(const AllocateOptions& options, const Session& session) {
  TENURE_ASSIGN_OR_RETURN(const BudgetsFile budgets, ReadBudgetsFile(options.budgets));
  if (!budgets.cells.empty()) {
    if (options.values.empty()) return AllocateCells(budgets, options.out, session);
    return absl::InvalidArgumentError(absl::StrCat(
        options.budgets, " has `cells`, which are split without --values; give one of the two"));
  }
  if (options.values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--values is missing; only `cells` in ", options.budgets, " go without"));
  }
  TENURE_ASSIGN_OR_RETURN(const AllocationInput input, ReadValuesFile(options.values, budgets));
  budget::PlanOptions plan;
  if (options.seconds > 0) {
    plan.deadline_us = MonotonicUs() + static_cast<int64_t>(options.seconds * 1e6);
  }
  TENURE_ASSIGN_OR_RETURN(const PlanResult result, budget::Solve(input.plan, plan));
  if (session.json) {
    PrintJson(ToJson(input, budgets, result));
  } else if (result.status != PlanStatus::kInfeasible) {
    PrintText(input, budgets, result);
  }
  if (result.status == PlanStatus::kInfeasible) {
    return absl::FailedPreconditionError(absl::StrCat(options.budgets, ": ", result.infeasible));
  }
  if (options.out.empty()) return absl::OkStatus();
  return WriteFile(options.out, ChoicesCsv(input, result));
}

}  // namespace

void AddAllocate(const Command& app, Session* session) {
  auto options = std::make_shared<AllocateOptions>();
  const Command command =
      app.Add(session, "allocate", "who gets which offer under the budgets, with proof",
              [options, session] { return RunAllocate(*options, *session); });
  command.AddOption("--values", options->values,
                    "CSV: customer,segment,offer,cost,value; not with `cells`");
  command.AddOption("--budgets", options->budgets, "YAML: currency, total, segments, …; or cells")
      .Required();
  command.AddOption("--out", options->out, "CSV: customer,offer of those chosen; or cell,amount");
  command.AddOption("--seconds", options->seconds, "stop with the best plan so far")
      .NumberIn(0, kMostSeconds);
}

}  // namespace tenure::cli
