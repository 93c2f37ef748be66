// Fitting several populations of customers: a model each, of its own where there is enough data,
// else with what the others say of it. Docs: docs/clv.md.
#ifndef TENURE_SERVER_CLV_POPULATIONS_H_
#define TENURE_SERVER_CLV_POPULATIONS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/fit_report.h"
#include "server/clv/map_value.h"
#include "server/clv/population_models.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

// Customers with a repeat purchase that a fit of a population's own takes, and of those with a
// spend; its verdict must be CONVERGED, too.
inline constexpr int kOwnCases = 100;

struct PopulationSpec {
  std::string name;
  // Its model, "auto" or by name (contracts: sbg, bdw; occasions: bg_bb), its time unit, margin
  // rate, horizon and discount.
  ValueOptions options;
};

// Populations that ask for the same model in the same time unit borrow from one another.
struct PopulationFamily {
  std::string model;  // asked for
  double time_unit_days = 0;
  FitReport pooled;                // of all customers of its populations
  std::vector<ModelPrior> priors;  // of it and of its populations' own fits; empty: none
  int own_purchases = 0;           // populations with a fit of their own
  int own_spends = 0;
  // Standard deviations between populations of the logs of the parameters; empty where the pooled
  // estimate is no fit.
  std::vector<double> purchase_log_spread;
  std::vector<double> spend_log_spread;
};

struct FittedPopulations {
  std::shared_ptr<const PopulationModels> models;
  std::vector<PopulationFamily> families;
};

// rows[i] is a customer of specs[population_of[i]]. Each family's purchases are fitted together
// (FitValueModel, which chooses the model). A population with kOwnCases repeat buyers keeps its own
// maximum-likelihood fit of that model; the others have the maximum of their likelihood times a
// prior around the pooled fit as wide as the populations differ (LogSpread). Spend likewise. A
// population without customers has the prior. Customers of no population get `defaults` with the
// pooled estimate of the family of its model and time unit, else of the family with the most
// customers. Under a prior the pooled fits and the populations' own are the maximum of likelihood
// times it; who borrows still has the pooled fit as prior. `column` is kept with the models.
// INVALID_ARGUMENT naming the row, the population or the model that is wrong. Thread-safe,
// deterministic, independent of the order of rows and of populations.
absl::StatusOr<FittedPopulations> FitPopulations(std::vector<Observation> rows,
                                                 absl::Span<const size_t> population_of,
                                                 absl::Span<const PopulationSpec> specs,
                                                 const ValueOptions& defaults,
                                                 const std::string& column = "",
                                                 const PriorRequest* prior = nullptr);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_POPULATIONS_H_
