#include "clients/cli/value.h"

#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/early.h"
#include "clients/cli/scored_rows.h"
#include "clients/cli/summary_file.h"
#include "clients/cli/table.h"
#include "clients/cli/value_report.h"
#include "clients/cli/valued_customers.h"
#include "server/base/status.h"
#include "server/clv/future_curves.h"
#include "server/clv/historical_averages.h"
#include "server/clv/stream_value.h"
#include "server/clv/value_formulas.h"

namespace tenure::cli {
namespace {

constexpr double kNormal95 = 1.959963984540054;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Options {
  ModelOption model;
  std::string summary;
  std::string weights;
  double average_purchase = kNone;
  double frequency = kNone;
  double lifespan = 0;
  double margin_rate = 1;
  double step = 1;
  int32_t steps = 12;
  double rate = 0.01;
  bool each = false;
  double within = 0;
  double new_customers = 0;
  double acquisition_cost = 0;
};

absl::Status ReadAverages(Options* options, double* log_error) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(options->summary, options->weights));
  SummaryFields row;
  std::vector<absl::string_view> text;
  clv::HistoricalAverages averages;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    averages.Add(row.frequency, row.age, row.mean_spend, row.weight);
  }
  const bool of_frequency = std::isnan(options->frequency);
  const bool of_purchase = std::isnan(options->average_purchase);
  if (of_frequency) options->frequency = averages.PurchasesPerPeriod();
  if (std::isnan(options->frequency)) {
    return absl::InvalidArgumentError(
        absl::StrCat(options->summary, ": no customer has been observed for any time (T > 0)"));
  }
  if (of_purchase) options->average_purchase = averages.AveragePurchase();
  if (std::isnan(options->average_purchase)) {
    return absl::InvalidArgumentError(
        absl::StrCat(options->summary, " has no monetary_value above 0; give --average-purchase"));
  }
  if (of_frequency || of_purchase) {
    *log_error = averages.LogStandardError(of_purchase, of_frequency);
  }
  return absl::OkStatus();
}

absl::Status Historical(Options options, bool json) {
  if (options.summary.empty() &&
      (std::isnan(options.average_purchase) || std::isnan(options.frequency))) {
    RefuseUsage("give --average-purchase and --frequency, or a summary to take them from");
  }
  const bool is_given = !std::isnan(options.average_purchase) && !std::isnan(options.frequency);
  double log_error = kNone;
  if (!options.summary.empty()) TENURE_RETURN_IF_ERROR(ReadAverages(&options, &log_error));
  const double clv = clv::HistoricalClv(
      {options.average_purchase, options.frequency, options.lifespan, options.margin_rate});
  const double spread = std::exp(kNormal95 * log_error);
  const bool known = std::isfinite(spread);
  PrintTotals(
      {{"formula", "average purchase x frequency x lifespan x margin rate"},
       {"average_purchase", options.average_purchase},
       {"purchases_per_period", options.frequency},
       {"lifespan", options.lifespan},
       {"margin_rate", options.margin_rate},
       {"basis", BasisOf(options.margin_rate)},
       {"model", "none: a formula"},
       {"intervals", known      ? "95 % of the mean, by the spread of the customers; none of one's "
                                  "outcome: the mean is nobody's"
                     : is_given ? "none: given averages have no error, and the mean is nobody's"
                                : "none: fewer than two customers have no spread, and the mean is "
                                  "nobody's"},
       {"historical_clv", clv},
       {"historical_clv_mean_low", known ? Json(clv / spread) : Json()},
       {"historical_clv_mean_high", known ? Json(clv * spread) : Json()},
       {"historical_clv_predictive_low", Json()},
       {"historical_clv_predictive_high", Json()}},
      json);
  return absl::OkStatus();
}

clv::Steps StepsOf(const Options& options, double units) {
  return {options.step * units, options.steps, options.rate};
}

// The customers, and their streams over the steps.
struct Streams {
  std::vector<clv::Observation> rows;
  std::vector<double> weights;  // empty: 1 each
  double customers = 0;         // weights counted
  std::vector<double> flows;    // of all, in each step
};

absl::StatusOr<Streams> StreamsOf(const clv::StreamValuer& valuer, ValuedCustomers* customers) {
  Streams streams;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, customers->Next());
    if (!found) break;
    streams.rows.push_back(customers->observation());
    if (customers->has_weights()) streams.weights.push_back(customers->weight());
    streams.customers += customers->weight();
  }
  streams.flows = valuer.TotalFlows(streams.rows, streams.weights);
  return streams;
}

// The input's columns and, of each customer, `scores`, which `score` fills.
template <typename Score>
absl::Status PrintEach(ValuedCustomers* customers, std::vector<std::string> scores,
                       const std::string& basis, bool json, const Score& score) {
  std::vector<double> values(scores.size());
  TENURE_ASSIGN_OR_RETURN(
      const std::unique_ptr<ScoredRows> out,
      ScoredRows::Create("", {customers->header(), std::move(scores), !basis.empty(), false},
                         json));
  const std::string version = customers->model().Version().substr(0, 12);
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, customers->Next());
    if (!found) return out->Keep();
    score(&values);
    out->Add(customers->fields(), values, {basis, version, ""});
  }
}

absl::Status Flows(const Options& options, bool discounted, bool json) {
  options.model.Check();
  TENURE_ASSIGN_OR_RETURN(ValuedCustomers customers,
                          ValuedCustomers::Open(options.model, options.weights));
  clv::Steps steps = StepsOf(options, customers.units());
  if (!discounted) steps.rate = 0;
  TENURE_ASSIGN_OR_RETURN(const clv::StreamValuer valuer,
                          clv::StreamValuer::Create(customers.model(), steps, options.margin_rate));
  if (options.each) {
    const std::string name = discounted ? "dcf" : "revenue";
    return PrintEach(
        &customers,
        {name, name + "_mean_low", name + "_mean_high", name + "_predictive_low",
         name + "_predictive_high"},
        BasisOf(options.margin_rate), json, [&](std::vector<double>* values) {
          const clv::Ranged of = valuer.Of(customers.observation());
          *values = {of.value, of.mean_low, of.mean_high, of.predictive_low, of.predictive_high};
        });
  }
  TENURE_ASSIGN_OR_RETURN(const Streams streams, StreamsOf(valuer, &customers));
  TENURE_ASSIGN_OR_RETURN(const clv::TotalValue total,
                          valuer.TotalOf(streams.flows, streams.rows, streams.weights));
  Json rows = Json::array();
  Table table(discounted ? std::vector<std::string>{"step", "until", "flow", "discounted"}
                         : std::vector<std::string>{"step", "until", "flow"});
  for (size_t i = 0; i < streams.flows.size(); ++i) {
    const double flow = streams.flows[i];
    const double now = flow * std::pow(1 + steps.rate, -static_cast<double>(i + 1));
    const double until = options.step * static_cast<double>(i + 1);
    Json row{{"step", i + 1}, {"until", until}, {"flow", flow}};
    std::vector<std::string> cells = {absl::StrCat(i + 1), absl::StrFormat("%.3f", until),
                                      absl::StrFormat("%.2f", flow)};
    if (discounted) {
      row["discounted"] = now;
      cells.push_back(absl::StrFormat("%.2f", now));
    }
    rows.push_back(std::move(row));
    table.Add(std::move(cells));
  }
  if (!json) table.Print();
  Totals totals;
  if (json) totals.emplace_back("stream", std::move(rows));
  const Totals origin = Origin(customers.model(), options.margin_rate, streams.customers);
  totals.insert(totals.end(), origin.begin(), origin.end());
  AddRanged(discounted ? "discounted_cash_flow" : "revenue", clv::RangedOf(total), &totals);
  PrintTotals(totals, json);
  return absl::OkStatus();
}

absl::Status Equity(const Options& options, bool json) {
  options.model.Check();
  TENURE_ASSIGN_OR_RETURN(ValuedCustomers customers,
                          ValuedCustomers::Open(options.model, options.weights));
  const clv::Steps steps = StepsOf(options, customers.units());
  TENURE_ASSIGN_OR_RETURN(const clv::StreamValuer valuer,
                          clv::StreamValuer::Create(customers.model(), steps, options.margin_rate));
  TENURE_ASSIGN_OR_RETURN(const Streams streams, StreamsOf(valuer, &customers));
  TENURE_ASSIGN_OR_RETURN(const clv::EquityValue equity,
                          valuer.EquityOf(streams.flows, streams.rows, streams.weights,
                                          {options.new_customers, 0, options.acquisition_cost}));
  Totals totals = Origin(customers.model(), options.margin_rate, streams.customers);
  AddRanged("present_customers", equity.present, &totals);
  AddRanged("new_customer_value", equity.new_customer, &totals);
  totals.emplace_back("acquisition_cost", options.acquisition_cost);
  AddRanged("future_customers", equity.future, &totals);
  AddRanged("customer_equity", equity.total, &totals);
  PrintTotals(totals, json);
  return absl::OkStatus();
}

absl::Status Churn(const Options& options, bool json) {
  options.model.Check();
  TENURE_ASSIGN_OR_RETURN(ValuedCustomers customers, ValuedCustomers::Open(options.model));
  const clv::PurchaseModel& model = customers.model().purchase();
  const clv::FutureCurves curves(model);
  const double within = options.within * customers.units();
  return PrintEach(&customers, {"p_alive", "p_alive_after", "churn_probability"}, "", json,
                   [&](std::vector<double>* values) {
                     const clv::History history = customers.history();
                     const double alive = model.PAlive(history);
                     const double later = curves.PAliveAfter(history, within);
                     *values = {alive, later, clv::ChurnProbability(alive, later)};
                   });
}

absl::Status NextPurchase(const Options& options, bool json) {
  options.model.Check();
  TENURE_ASSIGN_OR_RETURN(ValuedCustomers customers, ValuedCustomers::Open(options.model));
  const clv::PurchaseModel& model = customers.model().purchase();
  const double units = customers.units();
  const double within = options.within * units;
  return PrintEach(
      &customers, {"p_purchase", "p_purchase_if_alive", "expected_time", "median_time_if_alive"},
      "", json, [&](std::vector<double>* values) {
        const clv::History history = customers.history();
        const clv::NextPurchase next = clv::NextPurchaseWithin(model, history, within);
        *values = {next.probability, next.probability_if_alive, next.expected_time / units,
                   clv::NextPurchaseQuantile(model, history, 0.5, within) / units};
      });
}

constexpr char kWeights[] = "column of case weights; `weights` where there is one";

// --step, --steps, --rate and --margin-rate.
void AddSteps(const Command& command, Options* options, bool discounted) {
  command.AddOption("--step", options->step, "length of a step, in the file's unit")
      .NumberIn(1e-6, kMostDays)
      .ShowDefault();
  command.AddOption("--steps", options->steps, "how many steps").WholeIn(1, 10'000).ShowDefault();
  if (discounted) {
    command.AddOption("--rate", options->rate, "discount a step, 0.01 = 1 %")
        .NumberIn(0, 10)
        .ShowDefault();
  }
  command.AddOption("--margin-rate", options->margin_rate, "margin per revenue")
      .NumberIn(0, 1)
      .ShowDefault();
}

void AddHistorical(const Command& group, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command =
      group.Add(session, "historical",
                "Average purchase value x purchases a period x lifespan x margin rate. What it "
                "has been, not what is to come: nobody leaves and all are average.",
                [session, options] { return Historical(*options, session->json); });
  command.AddOption("file", options->summary, "summary to take the two averages from");
  command.AddOption("--weights", options->weights, kWeights);
  command.AddOption("--average-purchase", options->average_purchase, "revenue of a purchase")
      .NumberIn(0, 1e12);
  command.AddOption("--frequency", options->frequency, "purchases of a customer in a period")
      .NumberIn(0, 1e9);
  command.AddOption("--lifespan", options->lifespan, "periods that a customer stays")
      .Required()
      .NumberIn(0, kMostDays);
  command.AddOption("--margin-rate", options->margin_rate, "margin per revenue")
      .NumberIn(0, 1)
      .ShowDefault();
}

void AddFlows(const Command& group, Session* session, bool discounted) {
  auto options = std::make_shared<Options>();
  const Command command = group.Add(
      session, discounted ? "dcf" : "revenue",
      discounted ? "Discounted cash flow: the revenue stream, each step discounted at its end."
                 : "Revenue expected in each of the next steps, undiscounted.",
      [session, options, discounted] { return Flows(*options, discounted, session->json); });
  options->model.AddTo(command);
  AddSteps(command, options.get(), discounted);
  command.AddOption("--weights", options->weights, kWeights);
  command.AddFlag("--each", options->each, "a row for each customer instead of totals");
}

void AddEquity(const Command& group, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command = group.Add(
      session, "equity",
      "Customer equity, the market value of the base: discounted cash flow of its customers, and "
      "of those expected to join, less what they cost to acquire.",
      [session, options] { return Equity(*options, session->json); });
  options->model.AddTo(command);
  AddSteps(command, options.get(), true);
  command.AddOption("--weights", options->weights, kWeights);
  command.AddOption("--new-customers", options->new_customers, "customers acquired in a step")
      .NumberIn(0, 1e12)
      .ShowDefault();
  command.AddOption("--acquisition-cost", options->acquisition_cost, "cost of one")
      .NumberIn(0, 1e12)
      .ShowDefault();
}

void AddWithin(const Command& group, Session* session, const std::string& name,
               const std::string& description, absl::Status (*run)(const Options&, bool)) {
  auto options = std::make_shared<Options>();
  const Command command = group.Add(
      session, name, description, [session, options, run] { return run(*options, session->json); });
  options->model.AddTo(command);
  command.AddOption("--within", options->within, "from now on, in the file's unit")
      .Required()
      .NumberIn(1e-6, kMostDays);
}

}  // namespace

void AddValueCommands(const Command& app, Session* session) {
  const Command group = app.Group("value", "the value formulas of practice, on a summary");
  AddHistorical(group, session);
  AddFlows(group, session, false);
  AddFlows(group, session, true);
  AddEquity(group, session);
  AddEarly(group, session);
  AddWithin(group, session, "churn",
            "The probability that a customer who is alive will have left within a time.", Churn);
  AddWithin(group, session, "next-purchase",
            "The probability of a purchase within a time, and when it is expected: of those who "
            "buy, and the median of those who are alive.",
            NextPurchase);
}

}  // namespace tenure::cli
