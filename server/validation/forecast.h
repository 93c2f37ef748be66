// What a value model says about a holdout: the one place here that asks the models.
#ifndef TENURE_SERVER_VALIDATION_FORECAST_H_
#define TENURE_SERVER_VALIDATION_FORECAST_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/future_curves.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/purchase_model.h"
#include "server/clv/value_model.h"

namespace tenure::validation {

// One customer's holdout. Value is expected revenue: undiscounted, no margin, no refunds taken off.
struct Expectation {
  double purchases;
  double value;  // meaningful where the model has spend
};

// Immutable, thread-safe.
class Forecast {
 public:
  // INVALID_ARGUMENT for a holdout of no days.
  static absl::StatusOr<Forecast> Create(const clv::ValueModel& model, double holdout_days);

  bool has_spend() const { return spend_.p > 0; }
  // For each row, as of the holdout's start. INVALID_ARGUMENT naming a row that the model can't
  // say anything about.
  absl::StatusOr<std::vector<Expectation>> Of(absl::Span<const clv::Observation> rows) const;
  // E[X(t)], repeat purchases within `days` of a customer's first: for tracking.
  double PurchasesOfNew(double days) const;

 private:
  explicit Forecast(std::shared_ptr<const clv::PurchaseModel> purchase)
      : purchase_(std::move(purchase)),
        curves_(std::make_shared<const clv::FutureCurves>(*purchase_)) {}
  // Of the next purchase; 1 without spend.
  double ExpectedSpend(const clv::Observation& row) const;

  std::shared_ptr<const clv::PurchaseModel> purchase_;
  std::shared_ptr<const clv::FutureCurves> curves_;  // of it
  clv::GammaGamma spend_;                            // p = 0: none
  double unit_days_ = 1;
  double holdout_days_ = 0;
};

// A parameter as the report shows it; NaN where the standard error is unknown.
struct ParameterEstimate {
  std::string name;
  double estimate;
  double standard_error;  // by the delta method from the covariance of the logs
};
// Purchases' parameters, then spend's, in the order of docs/clv.md.
std::vector<ParameterEstimate> EstimatesOf(const clv::ValueModel& model);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_FORECAST_H_
