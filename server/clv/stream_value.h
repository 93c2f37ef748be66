// Revenue streams in steps (value_formulas.h), of a customer, of many and of those to come, with
// both intervals: of the expectation, and of what will really come.
#ifndef TENURE_SERVER_CLV_STREAM_VALUE_H_
#define TENURE_SERVER_CLV_STREAM_VALUE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/future_curves.h"
#include "server/clv/total_value.h"
#include "server/clv/value_formulas.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

// A value and its 95 % intervals, as ValueFeatures and TotalValue have them.
struct Ranged {
  double value = 0;
  double mean_low = 0, mean_high = 0;
  double predictive_low = 0, predictive_high = 0;
};
Ranged RangedOf(const TotalValue& total);

struct EquityValue {
  Ranged present;       // of the customers there are
  Ranged new_customer;  // one, when acquired, the first purchase counted
  Ranged future;        // of those to come, less what they cost
  Ranged total;
};

// Values by the model's purchases and spend over the steps, each step discounted at its end. Both
// intervals are those of the value over the same time, discounted to the day, relative to it: that
// a step is discounted at its end moves outcome and expectation alike. Immutable, thread-safe.
class StreamValuer {
 public:
  // Of the model's parameters; its horizon, discount, margin rate and kept share have no part in
  // it. A step's length is in the model's unit. INVALID_ARGUMENT for steps of no length or count.
  static absl::StatusOr<StreamValuer> Create(const ValueModel& model, const Steps& steps,
                                             double margin_rate);

  // Expected in each step, undiscounted.
  std::vector<double> FlowsOf(const Observation& row) const;
  Ranged Of(const Observation& row) const;
  // Σ weight · FlowsOf(row); of thousands of rows in a fraction of the time, within 2e-7 of all up
  // to that step, and not below 0 (above it at a margin rate below 0).
  std::vector<double> TotalFlows(absl::Span<const Observation> rows,
                                 absl::Span<const double> weights) const;
  // Of all rows, whose TotalFlows are `flows`. Errors as clv::TotalOf.
  absl::StatusOr<TotalValue> TotalOf(absl::Span<const double> flows,
                                     absl::Span<const Observation> rows,
                                     absl::Span<const double> weights,
                                     const TotalOptions& options = {}) const;
  // A customer just acquired, the first purchase counted, as the model has one of whom nothing is
  // known. INVALID_ARGUMENT for options out of range.
  absl::StatusOr<Ranged> OfNew(const TotalOptions& options = {}) const;
  // With customers who come: as many as said, each as the model has one of whom nothing is known.
  // Acquisition::value is not read.
  absl::StatusOr<EquityValue> EquityOf(absl::Span<const double> flows,
                                       absl::Span<const Observation> rows,
                                       absl::Span<const double> weights,
                                       const Acquisition& acquisition,
                                       const TotalOptions& options = {}) const;

 private:
  StreamValuer(std::shared_ptr<const ValueModel> whole, Steps steps, double margin_rate)
      : whole_(std::move(whole)),
        curves_(std::make_shared<const FutureCurves>(whole_->purchase())),
        steps_(steps),
        margin_rate_(margin_rate) {}
  History HistoryOf(const Observation& row) const;
  double SpendOf(const Observation& row) const;
  double NewValue(const ValueModel& model) const;
  double LeastOfNew() const;
  // One, whose value by each drawn model is in `ones`.
  TotalValue NewCustomer(absl::Span<const double> ones) const;

  std::shared_ptr<const ValueModel> whole_;     // over the same time, in revenue
  std::shared_ptr<const FutureCurves> curves_;  // of its purchases
  Steps steps_;
  double margin_rate_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_STREAM_VALUE_H_
