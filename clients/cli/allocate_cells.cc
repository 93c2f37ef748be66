#include "clients/cli/allocate_cells.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/cells.h"

namespace tenure::cli {
namespace {

using budget::CellsInput;
using budget::CellsResult;
using budget::PlanStatus;
using Json = nlohmann::ordered_json;

int64_t Spent(const CellsInput& input, const CellsResult& result, int32_t group) {
  int64_t spent = 0;
  for (size_t i = 0; i < result.amount.size(); ++i) {
    if (group < 0 || input.cells[i].group == group) spent += result.amount[i];
  }
  return spent;
}

// Why some of the total is left.
budget::Unspent Reason(const CellsInput& input, const CellsResult& result) {
  bool all_at_max = true;
  for (size_t i = 0; i < result.amount.size(); ++i) {
    all_at_max = all_at_max && result.amount[i] == input.cells[i].max_micros;
  }
  if (all_at_max) return budget::Unspent::kAllAtMax;
  if (result.price > 0) return budget::Unspent::kGranularity;
  const bool held_back = std::any_of(result.group_price.begin(), result.group_price.end(),
                                     [](double price) { return price > 0; });
  return held_back ? budget::Unspent::kLimitedElsewhere : budget::Unspent::kNoPositiveSlope;
}

Json ToJson(const CellsInput& input, const BudgetsFile& budgets, const CellsResult& result) {
  Json json = {{"status", std::string(budget::PlanStatusName(result.status))},
               {"currency", budgets.currency},
               {"cells", input.cells.size()},
               {"achieved", result.achieved},
               {"upper_bound", result.upper_bound},
               {"gap", result.gap}};
  if (result.status == PlanStatus::kInfeasible) {
    json["infeasible"] = result.infeasible;
    return json;
  }
  Json amounts = Json::object();
  for (size_t i = 0; i < input.cells.size(); ++i) {
    amounts[input.cells[i].id] = UnitsFromMicros(result.amount[i]);
  }
  json["amounts"] = std::move(amounts);
  const int64_t spent = Spent(input, result, -1);
  json["spend"] = {{"total", UnitsFromMicros(spent)}};
  json["prices"] = {{"total", result.price}};
  for (size_t g = 0; g < input.groups.size(); ++g) {
    json["spend"][input.groups[g].id] =
        UnitsFromMicros(Spent(input, result, static_cast<int32_t>(g)));
    json["prices"][input.groups[g].id] = result.group_price[g];
  }
  json["unspent"] = Json::object();
  if (spent < input.budget_micros) {
    json["unspent"]["total"] = {
        {"amount", UnitsFromMicros(input.budget_micros - spent)},
        {"reason", std::string(budget::UnspentName(Reason(input, result)))}};
  }
  return json;
}

void PrintText(const CellsInput& input, const BudgetsFile& budgets, const CellsResult& result) {
  const int64_t spent = Spent(input, result, -1);
  std::printf("%s: value %.2f %s, at most %.2f (gap %.3g); %s of %s spent, price %.4f%s%s\n",
              std::string(budget::PlanStatusName(result.status)).c_str(), result.achieved,
              budgets.currency.c_str(), result.upper_bound, result.gap,
              DisplayMicros(spent).c_str(), DisplayMicros(input.budget_micros).c_str(),
              result.price, spent < input.budget_micros ? ", the rest is left: " : "",
              spent < input.budget_micros
                  ? std::string(budget::UnspentName(Reason(input, result))).c_str()
                  : "");
  std::printf("the gap is for the curves given; how uncertain they are the file does not say\n");
  std::printf("%-32s %14s\n", "cell", "amount");
  for (size_t i = 0; i < input.cells.size(); ++i) {
    std::printf("%-32s %14s\n", input.cells[i].id.c_str(), DisplayMicros(result.amount[i]).c_str());
  }
  if (input.groups.empty()) return;
  std::printf("%-32s %14s %14s %10s\n", "segment", "spend", "limit", "price");
  for (size_t g = 0; g < input.groups.size(); ++g) {
    const int64_t cap = input.groups[g].cap_micros;
    std::printf("%-32s %14s %14s %10.4f\n", input.groups[g].id.c_str(),
                DisplayMicros(Spent(input, result, static_cast<int32_t>(g))).c_str(),
                cap == budget::kUncapped ? "-" : DisplayMicros(cap).c_str(), result.group_price[g]);
  }
}

}  // namespace

CellsInput CellsOf(const BudgetsFile& budgets) {
  CellsInput input;
  input.budget_micros = budgets.total_micros;
  std::map<std::string, int32_t> group_of;
  for (const auto& [id, range] : budgets.segments) {
    group_of[id] = static_cast<int32_t>(input.groups.size());
    input.groups.push_back({absl::StrCat("segments/", id), range.max_micros});
  }
  for (const auto& [id, cell] : budgets.cells) {
    input.cells.push_back({id, cell.curve, cell.range.min_micros, cell.range.max_micros,
                           cell.segment.empty() ? -1 : group_of.at(cell.segment)});
  }
  return input;
}

absl::Status AllocateCells(const BudgetsFile& budgets, const std::string& out,
                           const Session& session) {
  const CellsInput input = CellsOf(budgets);
  TENURE_ASSIGN_OR_RETURN(const CellsResult result, budget::SolveCells(input));
  const bool infeasible = result.status == PlanStatus::kInfeasible;
  if (session.json) {
    PrintJson(ToJson(input, budgets, result));
  } else if (!infeasible) {
    PrintText(input, budgets, result);
  }
  if (infeasible) {
    return absl::FailedPreconditionError(absl::StrCat(budgets.path, ": ", result.infeasible));
  }
  if (out.empty()) return absl::OkStatus();
  std::string csv = "cell,amount\n";
  for (size_t i = 0; i < input.cells.size(); ++i) {
    absl::StrAppend(&csv, CsvField(input.cells[i].id), ",", FormatMicros(result.amount[i]), "\n");
  }
  return WriteFile(out, csv);
}

}  // namespace tenure::cli
