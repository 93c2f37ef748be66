#include "clients/cli/allocate_cells.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/allocate_frontier.h"
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

// The budget, its groups, or a limit across them.
struct Envelope {
  std::string id;
  int64_t cap_micros = 0;
  int64_t spent_micros = 0;
  double price = 0;
  std::vector<size_t> cells;
};

std::vector<Envelope> Envelopes(const CellsInput& input, const CellsResult& result) {
  std::vector<Envelope> all = {{"total", input.budget_micros, 0, result.price, {}}};
  for (size_t g = 0; g < input.groups.size(); ++g) {
    all.push_back({input.groups[g].id, input.groups[g].cap_micros, 0, result.group_price[g], {}});
  }
  for (size_t i = 0; i < input.cells.size(); ++i) {
    all[0].cells.push_back(i);
    for (int32_t g = input.cells[i].group; g >= 0;) {
      all[static_cast<size_t>(g) + 1].cells.push_back(i);
      g = input.groups[static_cast<size_t>(g)].parent;
    }
  }
  for (size_t l = 0; l < input.limits.size(); ++l) {
    const budget::CellLimit& limit = input.limits[l];
    all.push_back({limit.id,
                   limit.cap_micros,
                   0,
                   result.limit_price[l],
                   {limit.cells.begin(), limit.cells.end()}});
  }
  for (Envelope& envelope : all) {
    for (const size_t i : envelope.cells) envelope.spent_micros += result.amount[i];
  }
  return all;
}

// What floors of groups right below the budget keep from all others.
int64_t ReservedMicros(const CellsInput& input, const std::vector<Envelope>& envelopes) {
  int64_t reserved = 0;
  for (size_t g = 0; g < input.groups.size(); ++g) {
    const int64_t unfilled = input.groups[g].floor_micros - envelopes[g + 1].spent_micros;
    if (input.groups[g].parent < 0 && unfilled > 0) reserved += unfilled;
  }
  return reserved;
}

// Why some of an envelope is left.
budget::Unspent Reason(const CellsInput& input, const CellsResult& result,
                       const std::vector<Envelope>& envelopes, const Envelope& envelope) {
  const int64_t left = envelope.cap_micros - envelope.spent_micros;
  if (&envelope == &envelopes[0] && left <= ReservedMicros(input, envelopes)) {
    return budget::Unspent::kReserved;
  }
  if (std::all_of(envelope.cells.begin(), envelope.cells.end(),
                  [&](size_t i) { return result.amount[i] == input.cells[i].max_micros; })) {
    return budget::Unspent::kAllAtMax;
  }
  if (envelope.price > 0) return budget::Unspent::kGranularity;
  const auto binds = [](double price) { return price > 0; };
  const bool elsewhere = (envelope.id != "total" && binds(result.price)) ||
                         std::any_of(result.group_price.begin(), result.group_price.end(), binds) ||
                         std::any_of(result.limit_price.begin(), result.limit_price.end(), binds);
  return elsewhere ? budget::Unspent::kLimitedElsewhere : budget::Unspent::kNoPositiveSlope;
}

Json ToJson(const CellsInput& input, const BudgetsFile& budgets, const CellsResult& result) {
  Json json = {{"status", std::string(budget::PlanStatusName(result.status))},
               {"currency", budgets.currency},
               {"cells", input.cells.size()},
               {"achieved", result.achieved},
               {"upper_bound", result.upper_bound},
               {"gap", result.gap},
               {"stopped", result.stopped},
               {"seconds", result.seconds}};
  if (result.status == PlanStatus::kInfeasible) {
    const budget::CellConflict& its = *result.conflict;
    json["infeasible"] = result.infeasible;
    json["conflict"] = {{"node", its.node},
                        {"floors", UnitsFromMicros(its.floors_micros)},
                        {"cap", UnitsFromMicros(its.cap_micros)},
                        {"shortfall", UnitsFromMicros(its.floors_micros - its.cap_micros)}};
    return json;
  }
  Json amounts = Json::object();
  for (size_t i = 0; i < input.cells.size(); ++i) {
    amounts[input.cells[i].id] = UnitsFromMicros(result.amount[i]);
  }
  json["amounts"] = std::move(amounts);
  Json spend = Json::object(), prices = Json::object(), unspent = Json::object();
  Json unbounded = Json::array();
  const std::vector<Envelope> envelopes = Envelopes(input, result);
  for (const Envelope& envelope : envelopes) {
    spend[envelope.id] = UnitsFromMicros(envelope.spent_micros);
    prices[envelope.id] = envelope.price;  // null where infinite
    if (std::isinf(envelope.price)) unbounded.push_back(envelope.id);
    const int64_t left = envelope.cap_micros - envelope.spent_micros;
    if (envelope.cap_micros == budget::kUncapped || left == 0) continue;
    const auto reason = budget::UnspentName(Reason(input, result, envelopes, envelope));
    unspent[envelope.id] = {{"amount", UnitsFromMicros(left)}, {"reason", std::string(reason)}};
  }
  json["spend"] = std::move(spend);
  json["prices"] = std::move(prices);
  if (!unbounded.empty()) json["unbounded"] = std::move(unbounded);
  json["unspent"] = std::move(unspent);
  return json;
}

void PrintText(const CellsInput& input, const BudgetsFile& budgets, const CellsResult& result) {
  const std::vector<Envelope> envelopes = Envelopes(input, result);
  const int64_t spent = envelopes[0].spent_micros;
  const bool left = spent < input.budget_micros;
  std::printf(
      "%s: value %.2f %s, at most %.2f (gap %.3g); %s of %s spent, price %s%s%s\n",
      std::string(budget::PlanStatusName(result.status)).c_str(), result.achieved,
      budgets.currency.c_str(), result.upper_bound, result.gap, DisplayMicros(spent).c_str(),
      DisplayMicros(input.budget_micros).c_str(), PriceText(result.price).c_str(),
      left ? ", the rest is left: " : "",
      left
          ? std::string(budget::UnspentName(Reason(input, result, envelopes, envelopes[0]))).c_str()
          : "");
  if (result.stopped) std::printf("stopped by --seconds: with more there may be a better split\n");
  std::printf("the gap is for the curves given; how uncertain they are the file does not say\n");
  std::printf("%-32s %14s\n", "cell", "amount");
  for (size_t i = 0; i < input.cells.size(); ++i) {
    std::printf("%-32s %14s\n", input.cells[i].id.c_str(), DisplayMicros(result.amount[i]).c_str());
  }
  if (envelopes.size() == 1) return;
  std::printf("%-32s %14s %14s %10s\n", "budget", "spend", "limit", "price");
  for (size_t e = 1; e < envelopes.size(); ++e) {
    const int64_t cap = envelopes[e].cap_micros;
    std::printf("%-32s %14s %14s %10s\n", envelopes[e].id.c_str(),
                DisplayMicros(envelopes[e].spent_micros).c_str(),
                cap == budget::kUncapped ? "-" : DisplayMicros(cap).c_str(),
                PriceText(envelopes[e].price).c_str());
  }
}

}  // namespace

std::string PriceText(double price) {
  if (std::isinf(price)) return price > 0 ? "unbounded" : "-unbounded";
  return absl::StrFormat("%.4f", price);
}

CellsInput CellsOf(const BudgetsFile& budgets) {
  CellsInput input;
  input.budget_micros = budgets.total_micros;
  std::map<std::string, int32_t> segment, campaign;
  const auto next = [&] { return static_cast<int32_t>(input.groups.size()); };
  for (const auto& [id, range] : budgets.segments) {
    segment[id] = next();
    input.groups.push_back({absl::StrCat("segments/", id), range.max_micros, -1, range.min_micros});
  }
  for (const auto& [id, its] : SegmentsOfCampaigns(budgets)) {
    campaign[id] = next();
    const BudgetRange& range = budgets.campaigns.at(id);
    input.groups.push_back({absl::StrCat("campaigns/", id), range.max_micros,
                            its.empty() ? -1 : segment.at(its), range.min_micros});
  }
  std::map<std::string, budget::CellLimit> across;
  for (const auto& [id, cell] : budgets.cells) {
    const auto position = static_cast<int32_t>(input.cells.size());
    int32_t group = cell.segment.empty() ? -1 : segment.at(cell.segment);
    if (campaign.contains(cell.campaign)) {
      group = campaign.at(cell.campaign);
    } else if (!cell.campaign.empty()) {
      budget::CellLimit& limit = across[absl::StrCat("campaigns/", cell.campaign)];
      limit.cap_micros = budgets.campaigns.at(cell.campaign).max_micros;
      limit.cells.push_back(position);
    }
    if (!cell.channel.empty()) {
      budget::CellLimit& limit = across[absl::StrCat("channels/", cell.channel)];
      limit.cap_micros = budgets.channels.at(cell.channel);
      limit.cells.push_back(position);
    }
    input.cells.push_back({id, cell.curve, cell.range.min_micros, cell.range.max_micros, group});
  }
  for (auto& [id, limit] : across) {
    limit.id = id;
    input.limits.push_back(std::move(limit));
  }
  return input;
}

absl::Status AllocateCells(const BudgetsFile& budgets,
                           const std::optional<budget::TargetPlan>& target,
                           const budget::CellsOptions& options, const std::string& out,
                           const Session& session) {
  const CellsInput input = CellsOf(budgets);
  TENURE_ASSIGN_OR_RETURN(const CellsResult result, budget::SolveCells(input, options));
  if (result.stopped && target.has_value() && result.achieved < target->least.achieved) {
    return absl::DeadlineExceededError(absl::StrCat(
        "--seconds ended before a split of ", DisplayMicros(target->least.budget_micros),
        " reached ", target->least.achieved, "; allow more seconds"));
  }
  const bool infeasible = result.status == PlanStatus::kInfeasible;
  if (session.json) {
    Json json = ToJson(input, budgets, result);
    if (target.has_value()) {
      json["least_total"] = UnitsFromMicros(target->least.budget_micros);
      json["no_plan_below"] = UnitsFromMicros(target->proven_micros);
    }
    PrintJson(json);
  } else if (!infeasible) {
    if (target.has_value()) PrintTarget(*target);
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
