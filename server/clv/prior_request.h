// A prior as a person says it: for each parameter a median and how far off it may be.
#ifndef TENURE_SERVER_CLV_PRIOR_REQUEST_H_
#define TENURE_SERVER_CLV_PRIOR_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/log_prior.h"
#include "server/clv/model_kind.h"

namespace tenure::clv {

// The parameter's log is Normal around ln(median).
struct PriorTerm {
  std::string parameter;
  double median = 0;  // in the fit's time unit, or money
  double log_sd = 0;
};

// Of a weak prior: a factor of 4.5 at one standard deviation, of 19 at two.
inline constexpr double kWeakLogSd = 1.5;

// What is asked for; parameters that are not named have a weak prior.
struct PriorRequest {
  std::vector<PriorTerm> terms;
  std::vector<CoefficientTerm> coefficients = {};

  // INVALID_ARGUMENT naming the term: neither a parameter of the model nor of spend (p, q, v) nor
  // one of its `coefficient_names`, there twice, or a number that can't be: those of parameters
  // must be positive and finite, and a coefficient's standard deviation.
  absl::Status Check(const ModelKind& kind,
                     absl::Span<const std::string> coefficient_names = {}) const;
  // All terms of the model's prior, in the order of its parameters. Weak ones are around 1, or, of
  // a parameter that is a time, around the customers' mean age.
  std::vector<PriorTerm> TermsOf(const ModelKind& kind, double mean_age) const;
  // Of Gamma-Gamma; weak ones are around p = 2, q = 3 and v = the mean spend, which is then the
  // population's.
  std::vector<PriorTerm> SpendTerms(double mean_spend) const;
};

// The kind whose parameters a model has by name, or by a name whose k is to be found, as
// mbg_cnbd_k. INVALID_ARGUMENT as FindModelKind.
absl::StatusOr<ModelKind> KindOf(absl::string_view name);

// Independent.
Prior PriorOf(absl::Span<const PriorTerm> terms);
// "r 1 (factor 4.48), alpha 31.2 (factor 4.48)": median and one standard deviation of the log.
std::string PriorText(absl::Span<const PriorTerm> terms);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PRIOR_REQUEST_H_
