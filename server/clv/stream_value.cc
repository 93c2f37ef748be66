#include "server/clv/stream_value.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "server/base/status.h"
#include "server/clv/future_table.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/realised_value.h"
#include "server/clv/renewals.h"

namespace tenure::clv {
namespace {

constexpr double kDaysPerYear = 365.25;
constexpr double kMostDiscount = 1e12;  // a year; beyond it nothing after the first days counts
// So that the last of the steps' occasions isn't lost to rounding.
constexpr double kHair = 1e-9;

constexpr size_t kTableRows = 5'000;  // from as many on tables pay

double Ratio(double value, double of) { return of != 0 ? value / of : 0; }

GammaGamma GammaOf(const ValueModel& model) {
  const std::vector<double>& spend = model.parameters().spend;
  if (spend.empty()) return GammaGamma();
  return {spend[0], spend[1], spend[2]};
}

Ranged Less(Ranged of, double cost) {
  for (double* value :
       {&of.value, &of.mean_low, &of.mean_high, &of.predictive_low, &of.predictive_high}) {
    *value -= cost;
  }
  return of;
}

}  // namespace

Ranged RangedOf(const TotalValue& total) {
  return {total.clv, total.clv_mean_low, total.clv_mean_high, total.clv_predictive_low,
          total.clv_predictive_high};
}

absl::StatusOr<StreamValuer> StreamValuer::Create(const ValueModel& model, const Steps& steps,
                                                  double margin_rate) {
  if (!(steps.length > 0) || steps.count < 1 || !(steps.rate >= 0)) {
    return absl::InvalidArgumentError(
        "steps need a length and a count above 0, and a rate of 0 "
        "or more");
  }
  ValueOptions options = model.options();
  const double step_days = steps.length * options.time_unit_days;
  options.horizon_days = step_days * steps.count * (1 + kHair);
  options.discount_per_year =
      std::min(std::expm1(std::log1p(steps.rate) * kDaysPerYear / step_days), kMostDiscount);
  options.margin_rate = 1;
  options.kept_share = 1;
  TENURE_ASSIGN_OR_RETURN(auto whole, ValueModel::Create(model.parameters(), options));
  return StreamValuer(std::move(whole), steps, margin_rate);
}

History StreamValuer::HistoryOf(const Observation& row) const {
  const double unit = whole_->options().time_unit_days;
  const History history = {row.frequency, row.recency_days / unit, row.age_days / unit};
  return IsContract(whole_->model()) ? RenewalsOf(history) : history;
}

double StreamValuer::SpendOf(const Observation& row) const {
  const GammaGamma spend = GammaOf(*whole_);
  if (!(spend.p > 0)) return margin_rate_;
  const bool known = row.frequency > 0 && IsSpend(row.mean_spend);
  return margin_rate_ * spend.ExpectedSpend(known ? row.frequency : 0, known ? row.mean_spend : 0);
}

std::vector<double> StreamValuer::FlowsOf(const Observation& row) const {
  return RevenueStream(*curves_, HistoryOf(row), SpendOf(row), steps_);
}

std::vector<double> StreamValuer::TotalFlows(absl::Span<const Observation> rows,
                                             absl::Span<const double> weights) const {
  std::vector<double> totals(static_cast<size_t>(steps_.count), 0);
  const auto weight = [&](size_t row) { return weights.empty() ? 1 : weights[row]; };
  if (rows.size() < kTableRows) {
    for (size_t r = 0; r < rows.size(); ++r) {
      const std::vector<double> flows = FlowsOf(rows[r]);
      for (size_t i = 0; i < flows.size(); ++i) totals[i] += weight(r) * flows[i];
    }
    return totals;
  }
  const PurchaseModel& model = whole_->purchase();
  // By frequency, as the table wants them.
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t l, size_t r) { return rows[l].frequency < rows[r].frequency; });
  std::vector<History> histories;
  std::vector<double> factors;  // what a purchase of theirs adds, if they are alive
  histories.reserve(rows.size());
  factors.reserve(rows.size());
  for (const size_t r : order) {
    histories.push_back(HistoryOf(rows[r]));
    factors.push_back(weight(r) * SpendOf(rows[r]) * model.PAlive(histories.back()));
  }
  std::vector<Future> futures(rows.size());
  double before = 0;
  for (size_t i = 0; i < totals.size(); ++i) {
    const double until = static_cast<double>(i + 1) * steps_.length;
    const FutureTable table(model, until, until, 0, histories);
    for (size_t first = 0, last = 0; first < rows.size(); first = last) {
      while (last < rows.size() && histories[last].frequency == histories[first].frequency) ++last;
      table.AtAll(absl::MakeConstSpan(histories).subspan(first, last - first),
                  absl::MakeSpan(futures).subspan(first, last - first));
    }
    double sum = 0;
    for (size_t r = 0; r < rows.size(); ++r) sum += factors[r] * futures[r].count;
    // Late steps are less than what interpolation errs by.
    sum = margin_rate_ < 0 ? std::min(sum, before) : std::max(sum, before);
    totals[i] = sum - before;
    before = sum;
  }
  return totals;
}

Ranged StreamValuer::Of(const Observation& row) const {
  ValueFeatures over{};
  whole_->Compute({&row, 1}, {&over, 1});
  Ranged of;
  of.value = DiscountedCashFlow(FlowsOf(row), steps_.rate);
  const double ratio = Ratio(of.value, over.clv);
  of.mean_low = ratio * over.clv_mean_low;
  of.mean_high = ratio * over.clv_mean_high;
  of.predictive_low = ratio * over.clv_predictive_low;
  of.predictive_high = ratio * over.clv_predictive_high;
  return of;
}

absl::StatusOr<TotalValue> StreamValuer::TotalOf(absl::Span<const double> flows,
                                                 absl::Span<const Observation> rows,
                                                 absl::Span<const double> weights,
                                                 const TotalOptions& options) const {
  TENURE_ASSIGN_OR_RETURN(const TotalValue over, clv::TotalOf(*whole_, rows, options, weights));
  return Scaled(over, Ratio(DiscountedCashFlow(flows, steps_.rate), over.clv));
}

double StreamValuer::NewValue(const ValueModel& model) const {
  const GammaGamma spend = GammaOf(model);
  const double mean = spend.p > 0 ? spend.ExpectedSpend(0, 0) : 1;
  return NewCustomerValue(model.purchase(), margin_rate_ * mean, steps_);
}

// A new customer brings no less than the first purchase: its 2.5 % point, where moments alone would
// say nearly nothing. Gamma-Gamma spends are v times a ratio of Gamma(p) and Gamma(q).
double StreamValuer::LeastOfNew() const {
  const GammaGamma spend = GammaOf(*whole_);
  if (!(spend.p > 0)) return margin_rate_;
  const double share = boost::math::ibeta_inv(spend.p, spend.q, 0.025);
  return margin_rate_ * spend.v * share / (1 - share);
}

TotalValue StreamValuer::NewCustomer(absl::Span<const double> ones) const {
  const GammaGamma gamma = GammaOf(*whole_);
  const SpendMoments spend = gamma.p > 0 ? SpendMoments::Of(gamma, 0, 0) : SpendMoments();
  const RealisedMoments later = whole_->MomentsOf({0, 0, 0, std::nan("")});
  // The first purchase is certain, and shares the customer's taste with the later ones.
  const double first = spend.square - spend.mean * spend.mean;
  const double shared = later.mean / spend.mean * (spend.product - spend.mean * spend.mean);
  TotalValue one;
  one.customers = 1;
  one.clv = spend.mean + later.mean;
  one.luck_variance = first + later.variance + 2 * shared;
  one.log_nothing = std::log(1e-300);
  one = Scaled(one, Ratio(NewValue(*whole_), one.clv));
  one.standard_error = one.clv != 0 ? std::abs(one.clv) * LogDeviation(ones) : 0;
  one = WithIntervals(one);
  one.clv_predictive_low = std::max(one.clv_predictive_low, LeastOfNew());
  return one;
}

absl::StatusOr<Ranged> StreamValuer::OfNew(const TotalOptions& options) const {
  TENURE_ASSIGN_OR_RETURN(const auto drawn, DrawModels(*whole_, options.draws, options.seed));
  std::vector<double> ones;
  for (const std::shared_ptr<const ValueModel>& model : drawn) ones.push_back(NewValue(*model));
  return RangedOf(NewCustomer(ones));
}

absl::StatusOr<EquityValue> StreamValuer::EquityOf(absl::Span<const double> flows,
                                                   absl::Span<const Observation> rows,
                                                   absl::Span<const double> weights,
                                                   const Acquisition& acquisition,
                                                   const TotalOptions& options) const {
  // Its draws follow below, together with those of the customers to come.
  TENURE_ASSIGN_OR_RETURN(TotalValue present, TotalOf(flows, rows, weights, {2, 1, 1}));
  // Who comes in step i is worth as much less as they come later.
  double come = 0, squares = 0;
  for (int i = 1; i <= steps_.count; ++i) {
    const double now = std::exp(-i * std::log1p(steps_.rate));
    come += acquisition.customers_per_step * now;
    squares += acquisition.customers_per_step * now * now;
  }
  TENURE_ASSIGN_OR_RETURN(const auto drawn, DrawModels(*whole_, options.draws, options.seed));
  const std::vector<double> relative =
      RelativeTotals(*whole_, drawn, rows, weights, options.most_rows);
  present.standard_error = std::abs(present.clv) * LogDeviation(relative);
  present = WithIntervals(present);
  std::vector<double> ones, totals;
  for (size_t d = 0; d < drawn.size(); ++d) {
    ones.push_back(NewValue(*drawn[d]));
    totals.push_back(present.clv * relative[d] + come * ones.back());
  }
  const TotalValue one = NewCustomer(ones);
  TotalValue future = Scaled(one, come);
  future.luck_variance = squares * one.luck_variance;
  TotalValue all = future;
  all.clv += present.clv;
  all.luck_variance += present.luck_variance;
  all.log_nothing = come > 0 ? one.log_nothing : present.log_nothing;
  all.standard_error = all.clv * LogDeviation(totals);
  const double cost = come * acquisition.cost;
  EquityValue equity;
  equity.present = RangedOf(present);
  equity.new_customer = RangedOf(one);
  equity.future = Less(RangedOf(WithIntervals(future)), cost);
  equity.total = Less(RangedOf(WithIntervals(all)), cost);
  return equity;
}

}  // namespace tenure::clv
