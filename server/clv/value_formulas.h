// The formulas of practice for customer value, each with its inputs and units explicit. Formulas,
// examples and when not to use them: docs/clv.md. All thread-safe.
#ifndef TENURE_SERVER_CLV_VALUE_FORMULAS_H_
#define TENURE_SERVER_CLV_VALUE_FORMULAS_H_

#include <vector>

#include "absl/types/span.h"
#include "server/clv/future_curves.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

// Historical CLV: average purchase value × purchases a period × periods × margin rate.
struct HistoricalInputs {
  double average_purchase = 0;      // revenue of a purchase
  double purchases_per_period = 0;  // of a customer
  double lifespan = 0;              // periods
  double margin_rate = 1;           // of the revenue
};
double HistoricalClv(const HistoricalInputs& inputs);

// Steps of equal length ahead of now, discounted at their ends.
struct Steps {
  double length = 1;  // in the model's unit
  int count = 12;
  double rate = 0;  // discount a step, 0.01: 1 %
};

// Expected revenue in each step: `spend` · E[purchases in (T + (i−1) length, T + i length]],
// undiscounted.
std::vector<double> RevenueStream(const PurchaseModel& model, const History& history, double spend,
                                  const Steps& steps);
// The same of very many customers, one by one, within 1e-10 of all up to each step.
std::vector<double> RevenueStream(const FutureCurves& curves, const History& history, double spend,
                                  const Steps& steps);
// Σ_i flows[i − 1] (1 + rate)^−i (Fader, Hardie 2012, Reconciling and clarifying CLV formulas, note
// 024).
double DiscountedCashFlow(absl::Span<const double> flows, double rate);
// What a customer who doesn't exist yet will bring over the steps after the first purchase, which
// counts too, undiscounted: spend (1 + discounted purchases).
double NewCustomerValue(const PurchaseModel& model, double spend, const Steps& steps);

// What the base is worth: the residual value of those who are there, and of those expected to be
// acquired, less what that costs.
struct Acquisition {
  double customers_per_step = 0;
  double value = 0;  // of a new customer when they are acquired
  double cost = 0;   // to acquire one
};
struct CustomerEquity {
  double present = 0;
  double future = 0;
  double total() const { return present + future; }
};
// future = Σ_i customers (value − cost) (1 + rate)^−i (Gupta, Lehmann, Stuart 2004, Valuing
// customers, JMR 41(1), by steps).
CustomerEquity EquityOf(absl::Span<const double> residual_values, const Acquisition& acquisition,
                        const Steps& steps);

// P(gone at T + t ∣ alive at T) = 1 − P(alive at T + t)/P(alive at T); 1 where P(alive at T) is 0.
double ChurnProbability(const PurchaseModel& model, const History& history, double t);
// Of those two probabilities.
double ChurnProbability(double p_alive, double p_alive_after);

// When the next purchase comes, within a horizon from now.
struct NextPurchase {
  double probability = 0;           // P(a purchase within it ∣ data)
  double probability_if_alive = 0;  // given that they are alive at T
  double expected_time = 0;         // E[time ∣ they buy within it]; NaN where they can't
};
// Of models that count occasions or renewals the time is that of whole periods, rounded up. 1e-7.
NextPurchase NextPurchaseWithin(const PurchaseModel& model, const History& history, double horizon);
// P(no purchase in (T, T + t] ∣ alive at T).
double SilenceIfAlive(const PurchaseModel& model, const History& history, double t);
// The time within which this share, in (0, 1), of such customers who are alive will have bought;
// +infinity where that many never will within `longest`.
double NextPurchaseQuantile(const PurchaseModel& model, const History& history, double share,
                            double longest);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_VALUE_FORMULAS_H_
