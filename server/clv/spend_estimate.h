// What every fit of a value model does beside its purchases: the rows in the fit's unit, and spend,
// fitted or pooled.
#ifndef TENURE_SERVER_CLV_SPEND_ESTIMATE_H_
#define TENURE_SERVER_CLV_SPEND_ESTIMATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/clv/fit_report.h"
#include "server/clv/prior_request.h"
#include "server/clv/summary.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

// Customers with a repeat purchase, or with a spend, that a fit is believed from on.
inline constexpr int kEnoughCases = 100;

// `weights` here: customers alike that each row stands for; empty: 1 each.
std::vector<PurchaseRow> PurchaseRowsOf(absl::Span<const Observation> rows, double unit_days,
                                        absl::Span<const double> weights = {});
// INVALID_ARGUMENT unless there are as many weights as rows, or none.
absl::Status CheckWeights(absl::Span<const Observation> rows, absl::Span<const double> weights);

// Of the repeat buyers' mean spends; NaN where nobody has one.
double MeanSpend(absl::Span<const Observation> rows, absl::Span<const double> weights = {});

// Gamma-Gamma where there are kEnoughCases customers with a spend, or a prior (empty: none), and
// the fit is usable, else the pooled mean spend, which is said; without any spend every purchase
// counts 1.
void EstimateSpend(absl::Span<const Observation> rows, absl::Span<const PriorTerm> prior,
                   ValueParameters* parameters, FitReport* report,
                   absl::Span<const double> weights = {});

// "CONVERGED", and under which prior if there was one.
std::string VerdictUnder(absl::Span<const PriorTerm> prior, const ModelFit& fit);

// Says in both that a simple estimate stands in for a fit.
void AddFallback(const std::string& what, ValueParameters* parameters, FitReport* report);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_SPEND_ESTIMATE_H_
