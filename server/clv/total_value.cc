#include "server/clv/total_value.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/laplace.h"
#include "server/clv/realised_value.h"

namespace tenure::clv {
namespace {

constexpr int kMostDraws = 10'000;
constexpr double kNormal95 = 1.959963984540054;

// Σ clv at parameters drawn from what the data leave open; draws without a mean spend are none.
absl::StatusOr<std::vector<double>> DrawTotals(const ValueModel& model,
                                               absl::Span<const Observation> rows,
                                               const TotalOptions& options) {
  const ValueParameters& fitted = model.parameters();
  TENURE_ASSIGN_OR_RETURN(const LaplaceSampler purchases,
                          LaplaceSampler::Create(fitted.purchase, fitted.purchase_log_cov));
  TENURE_ASSIGN_OR_RETURN(const LaplaceSampler spends,
                          LaplaceSampler::Create(fitted.spend, fitted.spend_log_cov));
  Random random(options.seed);
  std::vector<double> totals;
  std::vector<Score> scores(rows.size());
  for (int draw = 0; draw < options.draws; ++draw) {
    ValueParameters drawn;
    drawn.model = fitted.model;
    drawn.purchase = purchases.Draw(&random);
    drawn.spend = spends.Draw(&random);
    const auto there = ValueModel::Create(std::move(drawn), model.options());
    if (!there.ok()) continue;
    (*there)->ScoreAll(rows, absl::MakeSpan(scores));
    double total = 0;
    for (const Score& score : scores) total += std::isnan(score.clv) ? 0 : score.clv;
    totals.push_back(total);
  }
  return totals;
}

// Standard deviation of their logs.
double LogDeviation(const std::vector<double>& totals) {
  if (totals.size() < 2) return 0;
  const auto size = static_cast<double>(totals.size());
  double mean = 0, squares = 0;
  for (double total : totals) mean += std::log(std::max(total, 1e-300)) / size;
  for (double total : totals) {
    const double away = std::log(std::max(total, 1e-300)) - mean;
    squares += away * away;
  }
  return std::sqrt(squares / (size - 1));
}

}  // namespace

absl::StatusOr<TotalValue> TotalOf(const ValueModel& model, absl::Span<const Observation> rows,
                                   const TotalOptions& options) {
  if (options.draws < 2 || options.draws > kMostDraws) {
    return absl::InvalidArgumentError(
        absl::StrCat("draws must be 2 to ", kMostDraws, ", not ", options.draws));
  }
  TotalValue total;
  total.customers = static_cast<double>(rows.size());
  double variance = 0, log_nothing = 0;
  for (const Observation& row : rows) {
    if (std::isnan(row.age_days)) continue;
    const RealisedMoments moments = model.MomentsOf(row);
    total.clv += moments.mean;
    total.expected_purchases += moments.purchases;
    variance += moments.variance;
    log_nothing += std::log(std::max(moments.nothing, 1e-300));
  }
  if (!(total.clv > 0)) return total;
  TENURE_ASSIGN_OR_RETURN(const std::vector<double> totals, DrawTotals(model, rows, options));
  const double deviation = LogDeviation(totals);
  total.clv_mean_low = total.clv * std::exp(-kNormal95 * deviation);
  total.clv_mean_high = total.clv * std::exp(kNormal95 * deviation);
  const double open = total.clv * deviation;
  const RealisedValue realised =
      RealisedInterval(std::exp(log_nothing), total.clv, variance + open * open);
  total.clv_predictive_low = realised.low;
  total.clv_predictive_high = realised.high;
  return total;
}

}  // namespace tenure::clv
