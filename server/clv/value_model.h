// What a customer is worth: a fitted model of purchases and one of spend (Gamma-Gamma), and the
// quantities that planning needs from it. Docs: docs/clv.md.
#ifndef TENURE_SERVER_CLV_VALUE_MODEL_H_
#define TENURE_SERVER_CLV_VALUE_MODEL_H_

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/fit_report.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

class FuturePanels;

// One customer at the asked time, in days. A customer without any purchase (a prospect) has
// age_days = NaN.
struct Observation {
  double frequency;     // repeat purchase days x (0 for a one-time buyer)
  double recency_days;  // t_x, first to last purchase
  double age_days;      // T, first purchase to the asked time
  double mean_spend;    // mean revenue per purchase over the repeat purchases; NaN when none
  double kept = 1;      // share of all their revenue so far that no refund took back, 0 to 1
  // Σ ln of the days between their purchase days; NaN: not known. Only fits of regular timing read
  // it.
  double log_intervals = std::numeric_limits<double>::quiet_NaN();
};

// All value in currency units of margin, discounted, over the horizon, without marketing.
struct ValueFeatures {
  double p_alive;              // P(alive | data) at the asked time
  double clv;                  // expected residual value
  double clv_mean_low;         // 95 % interval of that expectation: the parameters' uncertainty
  double clv_mean_high;        //
  double clv_predictive_low;   // 95 % interval of this one customer's realised value, parameters
  double clv_predictive_high;  // taken as known
  double v_alive;              // clv / p_alive, defined also where p_alive underflows
  double v_revived;            // E[value | dead, data] had they come back just now
  double p_purchase_w;         // P(at least one purchase within the response window | data)
  double at_risk_w;            // value that dropout within the response window would destroy
  double margin_next;          // margin of the next order, refunds taken off, at today's value
  double expected_purchases;   // over the horizon, undiscounted
  double spend_next;           // revenue of the next order by the repeats alone, as sold
  double rhythm_limit_days;    // 95 % point of the predicted interval between purchases, from the
                               // last purchase: silence beyond it is unusual; at most 1e6
};

// The same as in ValueFeatures, for when very many customers are asked for nothing else.
struct Score {
  double p_alive;
  double expected_purchases;
  double spend_next;
  double clv;
};

// Of what one customer will really bring over the horizon, the parameters taken as known.
struct RealisedMoments {
  double purchases;  // E, undiscounted
  double mean;       // clv
  double variance;   //
  double nothing;    // P(no purchase)
};

// What is known of one customer's orders beside an Observation: it tells the next one better.
struct KnownOrders {
  // Revenue of the first purchase day, which is no repeat; NaN: there was none, or not known.
  double first_spend = std::numeric_limits<double>::quiet_NaN();
  double revenue = 0;  // of all orders whose margin is known
  double margin = 0;   // theirs
  // The margin rate of the category bought last; NaN: known is only the model's, of all.
  double category_rate = std::numeric_limits<double>::quiet_NaN();
};

// Expected of the next order.
struct NextOrder {
  double spend;   // revenue, as sold
  double margin;  // refunds taken off
};

struct ValueOptions {
  double time_unit_days = 7;  // of the parameters; results don't depend on it
  double horizon_days = 364;
  double discount_per_year = 0.10;  // annual effective rate, a year of 365.25 days
  double response_window_days = 28;
  double margin_rate = 1.0;    // share of the revenue that is kept
  double kept_share = 1.0;     // of all revenue, pooled: the share that refunds leave, 0 to 1
  std::string model = "auto";  // or a model of docs/clv.md
};

// Parameters of both models, in ValueOptions::time_unit_days and currency units.
struct ValueParameters {
  std::string model;                     // a model of docs/clv.md
  std::vector<double> purchase;          // its parameters in that order
  std::vector<double> purchase_log_cov;  // covariance of the logs, row by row; empty: unknown
  std::vector<double> spend;             // p, q, v; empty: every purchase is worth 1
  std::vector<double> spend_log_cov;     // as above
  std::string verdict = "given";         // how they were found, for a person
  std::string spend_verdict = "given";   //
  bool fallback = false;                 // a simple estimate, not a fit: FitReport says why
};

// Immutable, thread-safe.
class ValueModel {
 public:
  ~ValueModel();
  // From known parameters. INVALID_ARGUMENT naming what is wrong (unknown model, a parameter that
  // is not positive and finite, a covariance of the wrong size, an option out of range).
  static absl::StatusOr<std::shared_ptr<const ValueModel>> Create(ValueParameters parameters,
                                                                  ValueOptions options);
  // What ToJson wrote. INVALID_ARGUMENT naming the key. ToJson of the result is the same bytes.
  static absl::StatusOr<std::shared_ptr<const ValueModel>> FromJson(absl::string_view json);
  // Canonical: the same model gives the same bytes; numbers round-trip exactly.
  std::string ToJson() const;

  // Fills out[i] from rows[i]; the spans have the same length. No allocation. No NaN for a
  // customer: a frequency below 0 counts as 0, a broken one as the whole below, recency is held to
  // [0, age], a mean spend that is none (IsSpend) counts as unknown, a kept share is held to [0,
  // 1]; contracts as in renewals.h. A prospect's features are all NaN but spend_next and
  // margin_next (the population's): what a new customer's first year brings is not in here. kValue
  // fills p_alive, clv, v_alive, spend_next, margin_next and rhythm_limit_days alone (clv within
  // 2e-7 relative of kAll's, 1e-6 of regular timing) in a small part of the time; the others are
  // NaN. It remembers what it has worked out of a frequency and an age: that is when it allocates.
  enum class Detail { kValue, kAll };
  void Compute(absl::Span<const Observation> rows, absl::Span<ValueFeatures> out,
               Detail detail = Detail::kAll) const;

  // p_alive, expected_purchases, spend_next and clv of Compute within 2e-7 relative, in a fraction
  // of its time where there are thousands of rows. NaN but for spend_next where Compute has it.
  void ScoreAll(absl::Span<const Observation> rows, absl::Span<Score> out) const;
  // By all orders: the first counts as one more for the Gamma-Gamma posterior, and the margin rate
  // is the customer's own, shrunk to the category's with the weight of two average orders. Values
  // over the horizon are by the repeats and the model's rate, as the literature's. No allocation.
  NextOrder NextOrderOf(const Observation& row, const KnownOrders& orders) const;
  // Of a customer with a purchase. No allocation.
  RealisedMoments MomentsOf(const Observation& row) const;
  // Days without a purchase until p_alive falls to `bound`, which is inside (0, 1): 0 where it has,
  // +infinity where it never does or there was no purchase. May be early by rounding, never late.
  double DaysUntilPAlive(const Observation& row, double bound) const;

  // What its values are: "margin", or "revenue" where the margin rate is 1.
  const char* basis() const { return options_.margin_rate == 1 ? "revenue" : "margin"; }
  // SHA-256 of ToJson, in hexadecimal: the same parameters and options have the same.
  std::string Version() const;

  const std::string& model() const { return parameters_.model; }
  const PurchaseModel& purchase() const { return *purchase_; }
  const ValueOptions& options() const { return options_; }
  const ValueParameters& parameters() const { return parameters_; }

 private:
  ValueModel(ValueParameters parameters, ValueOptions options,
             std::shared_ptr<const PurchaseModel> purchase);
  ValueFeatures One(const Observation& row, Detail detail) const;
  struct Known {  // an observation made valid, in time units; spend_x = 0: no spend known
    History history;
    double spend_x, mean_spend;
  };
  Known Validate(const Observation& row) const;
  void FillAll(const Known& known, const TimeGrid& grid, double margin_rate,
               ValueFeatures* features) const;
  RealisedMoments Moments(const Known& known, double p_alive, const Outlook& outlook,
                          double margin_rate) const;
  // The share of the customer's revenue that refunds will leave.
  double Kept(const Observation& row, double x) const;
  // Standard error of ln clv over the parameters' uncertainty; log_value without the spend. 0 where
  // no purchase can fall into the horizon.
  double LogStandardError(const Known& known, const TimeGrid& grid, double log_value) const;

  const ValueParameters parameters_;
  const ValueOptions options_;
  const std::shared_ptr<const PurchaseModel> purchase_;
  const bool is_contract_;
  const GammaGamma spend_;  // p = 0: every purchase is worth 1
  double horizon_ = 0;      // in time units, as is the window
  double window_ = 0;
  double discount_ = 0;  // continuous rate per unit
  const std::unique_ptr<const FuturePanels> panels_;
  // purchase_ moved along each axis of its uncertainty.
  std::vector<std::shared_ptr<const PurchaseModel>> nudged_;
};

struct FittedValue {
  std::shared_ptr<const ValueModel> model;
  FitReport report;
};

// Fits spend and the model named by options.model to customers with at least one purchase.
// "auto" tries NBD, BG/NBD, MBG/NBD and Pareto/NBD: see docs/clv.md for the rule.
// `holdout_purchases`, when given, has for each row its number of repeat purchases in the
// `holdout_days` after the asked time; it is reported and may choose, but is never fitted.
// `earlier`, without it: the checks of fits to the same customers up to the holdout's start, which
// do the same. `weights`: customers alike that each row stands for, above 0; none: 1 each. A fit of
// grouped rows is that of the rows one by one. With too little data, or without a usable verdict,
// the model is a simple estimate and report.fallback says so. INVALID_ARGUMENT naming the row for a
// frequency, recency or age that can't be; spends that are not positive are left out of the spend
// model and counted. Thread-safe; deterministic, and independent of the order of rows.
absl::StatusOr<FittedValue> FitValueModel(absl::Span<const Observation> rows,
                                          const ValueOptions& options,
                                          absl::Span<const double> holdout_purchases = {},
                                          double holdout_days = 0,
                                          absl::Span<const HoldoutCheck> earlier = {},
                                          absl::Span<const double> weights = {});

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_VALUE_MODEL_H_
