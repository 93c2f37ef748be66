#include "clients/cli/simulate.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "clients/cli/numbers.h"
#include "clients/cli/value_parameters.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"

namespace tenure::cli {
namespace {

constexpr uint64_t kJoining = 1;  // purpose of the uniform that spreads first purchases
constexpr double kDaysPerWeek = 7;
constexpr int64_t kMostCustomers = 1'000'000'000;

struct Options {
  std::string model;
  std::string params;
  std::string spend;
  std::string start = "2018-01-01";
  std::string output;
  std::string truth;
  uint64_t customers = 0;
  uint64_t seed = 1;
  double weeks = 104;
  double join_weeks = -1;
  double margin_rate = 1;
};

// A file written through a buffer, complete or not there at all.
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)) {
    file_ = path_.empty() ? stdout : std::fopen((path_ + ".tmp").c_str(), "wb");
  }
  ~Output() {
    if (file_ == nullptr || path_.empty()) return;
    std::fclose(file_);
    std::remove((path_ + ".tmp").c_str());
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  std::string* buffer() { return &buffer_; }
  // Writes the buffer when it has grown.
  absl::Status Flush(bool all) {
    if (file_ != nullptr && (all || buffer_.size() > (size_t{1} << 20))) {
      std::fwrite(buffer_.data(), 1, buffer_.size(), file_);
      buffer_.clear();
    }
    if (file_ != nullptr && std::ferror(file_) == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("can't write ", path_.empty() ? "-" : path_));
  }
  absl::Status Finish() {
    TENURE_RETURN_IF_ERROR(Flush(true));
    if (path_.empty()) {
      return std::fflush(stdout) == 0 ? absl::OkStatus() : absl::UnavailableError("can't write -");
    }
    const bool closed = std::fclose(file_) == 0;
    file_ = nullptr;
    if (closed && std::rename((path_ + ".tmp").c_str(), path_.c_str()) == 0) {
      return absl::OkStatus();
    }
    std::remove((path_ + ".tmp").c_str());
    return absl::UnavailableError(absl::StrCat("can't write ", path_));
  }

 private:
  const std::string path_;
  std::FILE* file_ = nullptr;
  std::string buffer_;
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

struct Totals {
  uint64_t purchases = 0;
  uint64_t alive = 0;
  double revenue = 0;
};

// Streams all customers into `orders` and, if there is one, `truth`.
absl::Status Write(const Options& options, const clv::ValueParameters& parameters,
                   int64_t start_day, Output* orders, Output* truth, Totals* totals) {
  TENURE_ASSIGN_OR_RETURN(auto purchase,
                          clv::CreatePurchaseModel(options.model, parameters.purchase));
  clv::GammaGamma spend;
  if (!parameters.spend.empty()) {
    spend = {parameters.spend[0], parameters.spend[1], parameters.spend[2]};
  }
  const clv::Simulator simulator(std::move(purchase), spend, options.seed);
  const double join = options.join_weeks < 0 ? options.weeks / 2 : options.join_weeks;
  const int width = static_cast<int>(std::to_string(options.customers).size());
  const auto date = [start_day](double weeks) {
    const auto day = start_day + static_cast<int64_t>(std::floor(weeks * kDaysPerWeek));
    return FormatDay(day * kMicrosPerDay);
  };
  *orders->buffer() = "customer_id,order_id,date,amount,margin\n";
  if (truth != nullptr) {
    *truth->buffer() = "customer_id,joined,lambda_per_week,dropout,alive,dropped_out,mean_spend\n";
  }
  clv::SimulatedCustomer customer;
  for (uint64_t i = 0; i < options.customers; ++i) {
    const double joined = join * simulator.UniformOf(i, kJoining);
    // Just short of the end, so that no order falls on the day after it.
    const double length = options.weeks - joined - 1e-9;
    simulator.Draw(i, length, &customer);
    const std::string id = absl::StrFormat("C%0*d", width, i + 1);
    for (size_t k = 0; k < customer.times.size(); ++k) {
      const double amount = std::max(0.01, std::round(customer.spends[k] * 100) / 100);
      absl::StrAppendFormat(orders->buffer(), "%s,%s-%d,%s,%.2f,%.4f\n", id, id, k + 1,
                            date(joined + customer.times[k]), amount, amount * options.margin_rate);
      totals->revenue += amount;
    }
    totals->purchases += customer.times.size();
    const bool alive = std::isinf(customer.death);
    totals->alive += alive;
    TENURE_RETURN_IF_ERROR(orders->Flush(false));
    if (truth == nullptr) continue;
    absl::StrAppend(truth->buffer(), id, ",", date(joined), ",", FormatNumber(customer.rate), ",",
                    FormatNumber(customer.dropout), ",", alive ? 1 : 0, ",",
                    alive ? "" : date(joined + customer.death), ",",
                    FormatNumber(customer.mean_spend), "\n");
    TENURE_RETURN_IF_ERROR(truth->Flush(false));
  }
  return absl::OkStatus();
}

absl::Status Run(const Options& options, bool json) {
  if (json && options.output.empty()) {
    RefuseUsage("--json prints the totals; name a file for the orders with --output");
  }
  if (options.join_weeks > options.weeks) {
    RefuseUsage("--join-weeks can't be more than --weeks");
  }
  TENURE_ASSIGN_OR_RETURN(const int64_t start_us, ParseInstant(options.start));
  TENURE_ASSIGN_OR_RETURN(const clv::ValueParameters parameters, Parameters(options));
  Output orders(options.output);
  std::unique_ptr<Output> truth;
  if (!options.truth.empty()) truth = std::make_unique<Output>(options.truth);
  Totals totals;
  TENURE_RETURN_IF_ERROR(
      Write(options, parameters, DayOf(start_us), &orders, truth.get(), &totals));
  TENURE_RETURN_IF_ERROR(orders.Finish());
  if (truth != nullptr) TENURE_RETURN_IF_ERROR(truth->Finish());
  if (json) {
    nlohmann::ordered_json document;
    document["customers"] = options.customers;
    document["purchases"] = totals.purchases;
    document["alive_at_end"] = totals.alive;
    document["revenue"] = totals.revenue;
    document["seed"] = options.seed;
    PrintJson(document);
  }
  return absl::OkStatus();
}

}  // namespace

void AddSimulate(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command = app.Add(
      session, "simulate",
      "Orders of customers drawn from a model, as CSV, and their truth beside it. The same seed "
      "gives the same customers, however many.",
      [session, options] { return Run(*options, session->json); });
  command.AddOption("--model", options->model).OneOf({"nbd", "bg_nbd", "mbg_nbd"}).Required();
  command.AddOption("--params", options->params, "r=…,alpha=…,a=…,b=… in weeks").Required();
  command.AddOption("--spend", options->spend, "p,q,v of Gamma-Gamma; else every order is 1.00");
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
  command.AddOption("--output", options->output, "file for the orders; else standard output");
  command.AddOption("--truth", options->truth, "file for each customer's truth");
}

}  // namespace tenure::cli
