#include "clients/cli/simulate.h"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "clients/cli/simulate_specs.h"
#include "clients/cli/simulated_files.h"
#include "clients/cli/value_parameters.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/shop_simulator.h"

namespace tenure::cli {
namespace {

constexpr double kDaysPerWeek = 7;
constexpr int64_t kMostCustomers = 1'000'000'000;

struct Options {
  std::string model;
  std::string params;
  std::string spend;
  std::vector<std::string> season, covariates, campaigns;
  std::string start = "2018-01-01";
  SimulatedFiles::Paths paths;
  uint64_t customers = 0;
  uint64_t seed = 1;
  double weeks = 104;
  double join_weeks = -1;
  double unit_days = kDaysPerWeek;
  double margin_rate = 1;
};

absl::StatusOr<clv::ValueParameters> Parameters(const Options& options) {
  std::string params = options.params;
  if (!options.spend.empty()) {
    const std::vector<std::string> parts = absl::StrSplit(options.spend, ',');
    if (parts.size() != 3) return absl::InvalidArgumentError("--spend is p,q,v: three numbers");
    const bool named = options.spend.find('=') != std::string::npos;
    absl::StrAppend(&params, ",", named ? "" : "p=", parts[0], ",", named ? "" : "q=", parts[1],
                    ",", named ? "" : "v=", parts[2]);
  }
  return ParseValueParameters(options.model, params);
}

absl::StatusOr<clv::Scenario> ScenarioOf(const Options& options) {
  TENURE_ASSIGN_OR_RETURN(const int64_t start_us, ParseInstant(options.start));
  TENURE_ASSIGN_OR_RETURN(clv::ValueParameters parameters, Parameters(options));
  clv::Scenario scenario;
  scenario.model = options.model;
  scenario.parameters = std::move(parameters.purchase);
  scenario.unit_days = options.unit_days;
  if (!parameters.spend.empty()) {
    scenario.spend = {parameters.spend[0], parameters.spend[1], parameters.spend[2]};
    if (scenario.spend.q <= 1) {
      std::cerr
          << "warning: --spend: with q <= 1 orders have no mean; no fit to them will converge\n";
    }
  }
  const double join = options.join_weeks < 0 ? options.weeks / 2 : options.join_weeks;
  scenario.length = options.weeks * kDaysPerWeek / options.unit_days;
  scenario.joining = join * kDaysPerWeek / options.unit_days;
  scenario.start_day = DayOf(start_us);
  scenario.seed = options.seed;
  TENURE_ASSIGN_OR_RETURN(scenario.season, ParseSeason(options.season));
  TENURE_ASSIGN_OR_RETURN(scenario.covariates, ParseCovariates(options.covariates));
  const auto days = static_cast<int64_t>(std::ceil(options.weeks * kDaysPerWeek));
  TENURE_ASSIGN_OR_RETURN(scenario.campaigns,
                          ParseCampaigns(options.campaigns, scenario.start_day, days));
  return scenario;
}

void RefuseWhatCannotBe(const Options& options, bool json) {
  if (json && options.paths.orders.empty()) {
    RefuseUsage("--json prints the totals; name a file for the orders with --output");
  }
  if (options.join_weeks > options.weeks) {
    RefuseUsage("--join-weeks can't be more than --weeks");
  }
  if (!options.paths.contacts.empty() && options.campaigns.empty()) {
    RefuseUsage("--contacts needs --campaign: without one nobody is contacted");
  }
  std::set<std::string> files;
  for (const std::string& path : {options.paths.orders, options.paths.truth,
                                  options.paths.attributes, options.paths.contacts}) {
    if (!path.empty() && !files.insert(path).second) {
      RefuseUsage(absl::StrCat(path,
                               " is named twice; --output, --truth, --attributes and "
                               "--contacts need a file each"));
    }
  }
}

void PrintTotals(const Options& options, const SimulatedTotals& totals) {
  nlohmann::ordered_json document;
  document["customers"] = options.customers;
  document["purchases"] = totals.purchases;
  document["alive_at_end"] = totals.alive;
  document["revenue"] = totals.revenue;
  document["seed"] = options.seed;
  if (!options.campaigns.empty()) {
    document["contacts"] = totals.treated;
    document["held_out_contacts"] = totals.held_out;
  }
  PrintJson(document);
}

// The scenario's refusals name its members; here they are options.
absl::Status InOptions(const absl::Status& status) {
  constexpr std::pair<const char*, const char*> kOptions[] = {
      {"parameters: ", "--params: "}, {"covariates: ", "--covariates: "},
      {"season: ", "--season: "},     {"spend: ", "--spend: "},
      {"start_day: ", "--start: "},   {"campaigns: ", "--campaign: "}};
  for (const auto& [member, option] : kOptions) {
    absl::string_view rest = status.message();
    if (absl::ConsumePrefix(&rest, member)) {
      return absl::Status(status.code(), absl::StrCat(option, rest));
    }
  }
  return status;
}

absl::Status Run(const Options& options, bool json) {
  RefuseWhatCannotBe(options, json);
  TENURE_ASSIGN_OR_RETURN(clv::Scenario scenario, ScenarioOf(options));
  const auto created = clv::ShopSimulator::Create(std::move(scenario));
  if (!created.ok()) return InOptions(created.status());
  const clv::ShopSimulator& shop = *created;
  SimulatedFiles files(&shop, options.paths, options.margin_rate);
  clv::ShopCustomer customer;
  for (uint64_t i = 0; i < options.customers && !files.failed(); ++i) {
    shop.Draw(i, &customer);
    files.Write(i, customer);
  }
  TENURE_RETURN_IF_ERROR(files.Finish());
  if (json) PrintTotals(options, files.totals());
  return absl::OkStatus();
}

void AddShop(const Command& command, Options* options) {
  command
      .AddOption("--model", options->model,
                 "nbd, bg_nbd, mbg_nbd, …, or cnbd_k, bg_cnbd_k, mbg_cnbd_k with k = 2 or more")
      .Required();
  command.AddOption("--params", options->params, "r=…,alpha=…,a=…,b=… in --unit-days").Required();
  command
      .AddOption("--unit-days", options->unit_days,
                 "days of the parameters' unit of time, or between two occasions")
      .NumberIn(0.01, kMostDays)
      .ShowDefault();
  command.AddOption("--spend", options->spend, "p,q,v of Gamma-Gamma; else every order is 1.00");
  command.AddOption("--covariates", options->covariates,
                    "columns and what they do: channel=bernoulli(0.4),age=uniform(20,60),"
                    "alpha:channel=0.5; also whole(1,5) and normal(0,1)");
  command.AddOption("--season", options->season,
                    "multiplies rates: sine=0.3@07-01 (amplitude and peak), weeks=… (52), "
                    "weekdays=… (7 from Monday on); may be repeated");
  command.AddOption("--campaign", options->campaigns,
                    "name=…,at=DATE+DATE or every=DAYS,share=0.5,holdout=0.1,window=14,uplift=0.3,"
                    "pull_forward=0.2,retention=0.1,persuadables=SHARE:UPLIFT and sure_things, "
                    "lost_causes, sleeping_dogs; may be repeated");
}

void AddRecord(const Command& command, Options* options) {
  command.AddOption("--customers", options->customers, "how many")
      .WholeIn(1, kMostCustomers)
      .Required();
  command.AddOption("--seed", options->seed)
      .WholeIn(0, std::numeric_limits<int64_t>::max())
      .ShowDefault();
  command.AddOption("--weeks", options->weeks, "length of the record")
      .NumberIn(0.1, kMostWeeks)
      .ShowDefault();
  command
      .AddOption("--join-weeks", options->join_weeks,
                 "first purchases fall evenly into the first of these; half of --weeks")
      .NumberIn(0, kMostWeeks);
  command.AddOption("--start", options->start, "first day").ShowDefault();
  command.AddOption("--margin-rate", options->margin_rate, "margin per amount")
      .NumberIn(0, 1)
      .ShowDefault();
  command.AddOption("--output", options->paths.orders, "file for the orders; else standard output");
  command.AddOption("--truth", options->paths.truth, "file for each customer's truth");
  command.AddOption("--attributes", options->paths.attributes,
                    "file for each customer's columns, as `import customers` takes it");
  command.AddOption("--contacts", options->paths.contacts,
                    "file for the campaigns' contacts, as `import customers` takes it");
}

}  // namespace

void AddSimulate(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command = app.Add(
      session, "simulate",
      "Orders of customers drawn from a model, as CSV, and their truth beside it. The same seed "
      "gives the same customers, however many.",
      [session, options] { return Run(*options, session->json); });
  AddShop(command, options.get());
  AddRecord(command, options.get());
}

}  // namespace tenure::cli
