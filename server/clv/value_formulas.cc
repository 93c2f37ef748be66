#include "server/clv/value_formulas.h"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>

#include "server/clv/model_kind.h"

namespace tenure::clv {
namespace {

double Silence(const PurchaseModel& model, const History& history, double t) {
  double none = 1;
  if (t > 0) model.CountProbabilities(history, t, {&none, 1});
  return std::clamp(none, 0.0, 1.0);
}

// ∫_0^horizon f, of f that varies over decades of time from `scale` on.
template <typename Function>
double Integrate(double horizon, double scale, Function&& f) {
  double sum = 0;
  double from = 0;
  for (double to = std::min(scale, horizon); from < horizon; to = std::min(2 * to, horizon)) {
    sum += boost::math::quadrature::gauss<double, 15>::integrate(f, from, to);
    from = to;
  }
  return sum;
}

// Of a model, or its curves.
template <typename Model>
std::vector<double> StreamOf(const Model& model, const History& history, double spend,
                             const Steps& steps) {
  std::vector<double> flows;
  flows.reserve(static_cast<size_t>(steps.count));
  double before = 0;
  for (int i = 1; i <= steps.count; ++i) {
    const double until = model.ExpectedPurchases(history, i * steps.length);
    flows.push_back(spend * (until - before));
    before = until;
  }
  return flows;
}

}  // namespace

double HistoricalClv(const HistoricalInputs& inputs) {
  return inputs.average_purchase * inputs.purchases_per_period * inputs.lifespan *
         inputs.margin_rate;
}

std::vector<double> RevenueStream(const PurchaseModel& model, const History& history, double spend,
                                  const Steps& steps) {
  return StreamOf(model, history, spend, steps);
}

std::vector<double> RevenueStream(const FutureCurves& curves, const History& history, double spend,
                                  const Steps& steps) {
  return StreamOf(curves, history, spend, steps);
}

double DiscountedCashFlow(absl::Span<const double> flows, double rate) {
  double sum = 0;
  for (size_t i = 0; i < flows.size(); ++i) {
    sum += flows[i] * std::exp(-static_cast<double>(i + 1) * std::log1p(rate));
  }
  return sum;
}

double NewCustomerValue(const PurchaseModel& model, double spend, const Steps& steps) {
  return spend + DiscountedCashFlow(RevenueStream(model, {}, spend, steps), steps.rate);
}

CustomerEquity EquityOf(absl::Span<const double> residual_values, const Acquisition& acquisition,
                        const Steps& steps) {
  CustomerEquity equity;
  for (double value : residual_values) equity.present += value;
  const std::vector<double> flows(
      static_cast<size_t>(steps.count),
      acquisition.customers_per_step * (acquisition.value - acquisition.cost));
  equity.future = DiscountedCashFlow(flows, steps.rate);
  return equity;
}

double ChurnProbability(const PurchaseModel& model, const History& history, double t) {
  return ChurnProbability(model.PAlive(history), model.PAliveAfter(history, t));
}

double ChurnProbability(double p_alive, double p_alive_after) {
  if (!(p_alive > 0)) return 1;
  return std::clamp(1 - p_alive_after / p_alive, 0.0, 1.0);
}

double SilenceIfAlive(const PurchaseModel& model, const History& history, double t) {
  const double alive = model.PAlive(history);
  if (!(alive > 0)) return 1;
  return std::clamp(1 - (1 - Silence(model, history, t)) / alive, 0.0, 1.0);
}

NextPurchase NextPurchaseWithin(const PurchaseModel& model, const History& history,
                                double horizon) {
  NextPurchase next;
  const double at_end = Silence(model, history, horizon);
  next.probability = 1 - at_end;
  next.probability_if_alive = 1 - SilenceIfAlive(model, history, horizon);
  if (!(next.probability > 0)) {
    next.expected_time = std::numeric_limits<double>::quiet_NaN();
    return next;
  }
  double waited = 0;  // ∫ (P(silent at u) − P(silent at the end)) du
  if (FindModelKind(model.name())->is_discrete) {
    for (double k = 0; k < horizon; ++k) waited += Silence(model, history, k) - at_end;
  } else {
    const double scale = std::min(horizon, 0.1 * (1 + history.age));
    waited =
        Integrate(horizon, scale, [&](double u) { return Silence(model, history, u) - at_end; });
  }
  next.expected_time = waited / next.probability;
  return next;
}

double NextPurchaseQuantile(const PurchaseModel& model, const History& history, double share,
                            double longest) {
  const auto bought = [&](double t) { return 1 - SilenceIfAlive(model, history, t); };
  if (!(bought(longest) >= share)) return std::numeric_limits<double>::infinity();
  double low = 0;
  double high = std::min(1.0, longest);
  while (high < longest && bought(high) < share) {
    low = high;
    high = std::min(2 * high, longest);
  }
  while (high - low > 1e-10 * high) {
    const double middle = low + (high - low) / 2;
    (bought(middle) < share ? low : high) = middle;
  }
  // Of whole periods it is the very one, not a hair before it.
  const double whole = std::round(high);
  if (FindModelKind(model.name())->is_discrete && std::abs(high - whole) < 1e-6 * (1 + high)) {
    return whole;
  }
  return high;
}

}  // namespace tenure::clv
