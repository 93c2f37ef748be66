// The models of purchases there are: how each is fitted and made.
#ifndef TENURE_SERVER_CLV_MODEL_KIND_H_
#define TENURE_SERVER_CLV_MODEL_KIND_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/evaluation.h"
#include "server/clv/purchase_model.h"
#include "server/clv/summary.h"

namespace tenure::clv {

struct ModelKind {
  std::string name;  // as in docs/clv.md
  // Which of a customer's two processes a covariate moves through a parameter.
  enum class Process { kNone, kRate, kDropout };
  struct Parameter {
    std::string name;
    bool is_time = false;  // has the unit of time, as alpha
    Process process = Process::kNone;
    double covariate_sign = 0;  // of γ'z in the log of the parameter
  };
  std::vector<Parameter> parameters;  // at most kMaxParameters, all positive
  // Times are counts of occasions: they have no unit and rows are not rescaled.
  bool is_discrete = false;
  // k of the Erlang intervals between a customer's purchases; 1: Poisson.
  int regularity = 1;
  // Its likelihood reads the summary's log_intervals.
  bool needs_intervals = false;
  // The model without dropout that it must beat, kDropoutGain; empty: none.
  std::string without_dropout;
  // What keeps the rows from being of this model, or empty; none where all rows are.
  std::function<std::string(const Summary&)> problem;
  // Of the summary's rows, derivatives by the parameters. Thread-safe.
  std::function<Evaluation(const Summary&, const Vector&)> log_likelihood;
  // Where to start searching, best first; `without_dropout` are that model's estimates.
  std::function<std::vector<Vector>(const Summary&, const Vector& without_dropout)> starts;
  // With parameters that are positive and finite.
  std::function<std::shared_ptr<const PurchaseModel>(const Vector&)> make;

  std::vector<std::string> ParameterNames() const;
};

// INVALID_ARGUMENT naming the models there are.
absl::StatusOr<ModelKind> FindModelKind(absl::string_view name);
// For messages and options: the names, in the order of docs/clv.md.
std::vector<std::string> ModelNames();

// INVALID_ARGUMENT for an unknown model, the wrong number of parameters or one that isn't positive
// and finite.
absl::StatusOr<std::shared_ptr<const PurchaseModel>> CreatePurchaseModel(
    absl::string_view name, absl::Span<const double> parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_MODEL_KIND_H_
