#include "clients/cli/allocate_rounds.h"

#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/session.h"
#include "server/base/money.h"

namespace tenure::cli {
namespace {

using budget::PlanResult;
using Json = nlohmann::ordered_json;

// The offers of each name that more than one has.
void AddSets(const std::vector<std::string>& names, std::vector<std::vector<int32_t>>* sets) {
  std::map<std::string, std::vector<int32_t>> by_name;
  for (size_t offer = 0; offer < names.size(); ++offer) {
    if (!names[offer].empty()) by_name[names[offer]].push_back(static_cast<int32_t>(offer));
  }
  for (auto& [name, offers] : by_name) {
    if (offers.size() > 1) sets->push_back(std::move(offers));
  }
}

}  // namespace

budget::RoundsOptions RoundsOf(const AllocationInput& input, const BudgetsFile& budgets) {
  budget::RoundsOptions rounds{budgets.offers_per_customer};
  AddSets(input.offers, &rounds.once);
  AddSets(input.campaigns, &rounds.once);
  return rounds;
}

std::string ChoicesCsv(const AllocationInput& input, const budget::PlanRounds& plan) {
  std::string csv = "customer,offer\n";
  for (size_t customer = 0; customer < input.customers.size(); ++customer) {
    for (const PlanResult& round : plan.rounds) {
      if (round.choice[customer] < 0) continue;
      const auto& chosen = input.plan.candidates[static_cast<size_t>(round.choice[customer])];
      absl::StrAppend(&csv, CsvField(input.customers[customer]), ",",
                      CsvField(input.offers[static_cast<size_t>(chosen.offer)]), "\n");
    }
  }
  return csv;
}

int64_t CountChosen(const PlanResult& result) {
  int64_t chosen = 0;
  for (const int32_t choice : result.choice) chosen += choice >= 0 ? 1 : 0;
  return chosen;
}

Json SpendJson(const budget::PlanInput& plan, const PlanResult& result) {
  Json spend = Json::object();
  for (size_t node = 0; node < plan.nodes.size(); ++node) {
    spend[plan.nodes[node].id] = UnitsFromMicros(result.spend[node]);
  }
  for (size_t side = 0; side < plan.side_limits.size(); ++side) {
    const budget::SideLimit& its = plan.side_limits[side];
    const int64_t used = result.side_used[side];
    if (its.measure == budget::SideLimit::Measure::kCount) {
      spend[its.id] = used;
    } else {
      spend[its.id] = UnitsFromMicros(used);
    }
  }
  return spend;
}

Json PricesJson(const budget::PlanInput& plan, const PlanResult& result) {
  Json prices = Json::object();
  for (size_t node = 0; node < plan.nodes.size(); ++node) {
    prices[plan.nodes[node].id] = result.price[node];
  }
  for (size_t side = 0; side < plan.side_limits.size(); ++side) {
    prices[plan.side_limits[side].id] = result.side_price[side];
  }
  return prices;
}

Json RoundsJson(const AllocationInput& input, const budget::PlanRounds& plan) {
  Json rounds = Json::array();
  for (const PlanResult& round : plan.rounds) {
    rounds.push_back({{"round", rounds.size() + 1},
                      {"status", std::string(budget::PlanStatusName(round.status))},
                      {"chosen", CountChosen(round)},
                      {"achieved", round.achieved},
                      {"upper_bound", round.upper_bound},
                      {"gap", round.gap},
                      {"proven", round.proven},
                      {"spend", SpendJson(input.plan, round)},
                      {"prices", PricesJson(input.plan, round)},
                      {"seconds", round.seconds}});
  }
  return rounds;
}

void PrintRounds(const BudgetsFile& budgets, const budget::PlanRounds& plan) {
  std::printf("%-5s %12s %14s %14s %14s %10s  %s\n", "round", "customers",
              absl::StrCat("spend, ", budgets.currency).c_str(), "value", "at most", "gap",
              "status");
  for (size_t r = 0; r < plan.rounds.size(); ++r) {
    const PlanResult& round = plan.rounds[r];
    std::printf("%-5zu %12lld %14s %14.2f %14.2f %10.3g  %s\n", r + 1,
                static_cast<long long>(CountChosen(round)), DisplayMicros(round.spend[0]).c_str(),
                round.achieved, round.upper_bound, round.gap,
                std::string(budget::PlanStatusName(round.status)).c_str());
  }
  std::printf("\n");
}

}  // namespace tenure::cli
