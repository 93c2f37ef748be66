#include "server/clv/purchase_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/clv/beta_geometric.h"
#include "server/clv/nbd.h"

namespace tenure::clv {
namespace {

constexpr double kOpenLog = 3;                 // a standard error of a log: a factor of 20
constexpr size_t kThinAbove = 40'000;          // distinct rows
constexpr size_t kThinTo = 10'000;             //
constexpr double kBoundaryPrecision = 1. / 9;  // of the prior on a log that gives intervals there

Evaluation LogLikelihood(PurchaseKind kind, const Summary& summary, const Vector& parameters) {
  Evaluation at;
  int size = 4;
  switch (kind) {
    case PurchaseKind::kNbd:
      at = NbdLogLikelihood(summary, parameters);
      size = 2;
      break;
    case PurchaseKind::kBgNbd:
      at = BetaGeometricLogLikelihood(summary, FirstPurchase::kKeeps, parameters);
      break;
    case PurchaseKind::kMbgNbd:
      at = BetaGeometricLogLikelihood(summary, FirstPurchase::kMayEnd, parameters);
      break;
  }
  at.ToLogs(parameters, size);
  return at;
}

Maximum Search(PurchaseKind kind, const Summary& summary, const Vector& start) {
  return Maximize([&](const Vector& at) { return LogLikelihood(kind, summary, at); }, start,
                  kind == PurchaseKind::kNbd ? 2 : 4, summary.weight());
}

// The best of a few starts; the first that converges inside is taken.
Maximum SearchFromStarts(PurchaseKind kind, const Summary& summary) {
  Vector start = {1, summary.exposure() / summary.purchases(), 0, 0};
  Maximum nbd = Search(PurchaseKind::kNbd, summary, start);
  if (kind == PurchaseKind::kNbd) return nbd;
  Maximum best;
  bool any = false;
  for (const auto& [a, b] : {std::pair(0.8, 2.5), std::pair(0.2, 5.0), std::pair(3.0, 3.0)}) {
    const Maximum found = Search(kind, summary, {nbd.parameters[0], nbd.parameters[1], a, b});
    if (!any || found.evaluation.value > best.evaluation.value) best = found;
    any = true;
    if (best.converged) break;
  }
  return best;
}

Maximum SearchAll(PurchaseKind kind, const Summary& summary) {
  const size_t rows = summary.rows().size();
  if (rows <= kThinAbove) return SearchFromStarts(kind, summary);
  const Summary thinned = summary.Thinned(rows / kThinTo);
  if (!(thinned.purchases() > 0)) return SearchFromStarts(kind, summary);
  const Maximum near = SearchFromStarts(kind, thinned);
  return Search(kind, summary, near.parameters);
}

Matrix Negative(const Matrix& hessian, int size, double ridge) {
  Matrix information{};
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) information[i][j] = -hessian[i][j];
    information[i][i] += ridge;
  }
  return information;
}

void SetCovariance(const Matrix& lower, int size, ModelFit* fit) {
  const Matrix covariance = InverseOf(lower, size);
  fit->log_covariance.clear();
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      fit->log_covariance.push_back((covariance[i][j] + covariance[j][i]) / 2);
    }
  }
}

std::string Meaning(const std::string& model, const std::vector<std::string>& open) {
  const std::string names = absl::StrJoin(open, ", ");
  const auto has = [&](const char* name) {
    for (const std::string& each : open) {
      if (each == name) return true;
    }
    return false;
  };
  if (model == "gamma_gamma") return names + ": the spends hold no more than a simpler model says";
  if (has("r")) return names + ": all customers buy at the same rate";
  if (has("a") && has("b")) return names + ": every purchase ends the same share of customers";
  if (has("a")) return names + ": hardly any purchase ends a customer";
  if (has("b")) return names + ": customers stay for ever or end at once";
  return names + ": the likelihood has no maximum in it";
}

void JudgeDropout(const Summary& summary, double scaled_log_likelihood, ModelFit* fit) {
  const Maximum nbd = SearchAll(PurchaseKind::kNbd, summary);
  const double gain = scaled_log_likelihood - nbd.evaluation.value;
  if (!(gain < kDropoutGain)) return;
  fit->verdict = Verdict::kNotIdentified;
  fit->explanation = absl::StrCat(
      "dropout (a, b): it gains only ", std::max(0.0, std::round(gain * 1000) / 1000),
      " of log-likelihood over NBD, which has no dropout, and would need ", kDropoutGain);
}

}  // namespace

ModelFit Describe(const std::string& model, std::vector<std::string> names, const Maximum& best) {
  ModelFit fit;
  const int size = static_cast<int>(names.size());
  fit.model = model;
  fit.parameter_names = std::move(names);
  fit.parameters.assign(best.parameters.begin(), best.parameters.begin() + size);
  fit.log_likelihood = best.evaluation.value;
  fit.gradient_norm = best.gradient_norm;
  fit.iterations = best.iterations;
  if (!std::isfinite(fit.log_likelihood) || (best.iterations == 0 && !best.converged)) {
    fit.explanation = "the search never left its start; are the rows in the right units?";
    return fit;
  }
  Matrix lower{};
  const bool definite = Cholesky(Negative(best.evaluation.hessian, size, 0), size, &lower);
  if (definite) SetCovariance(lower, size, &fit);
  std::vector<std::string> open;
  for (int i = 0; i < size; ++i) {
    const double log = std::log(fit.parameters[static_cast<size_t>(i)]);
    const bool at_bound = std::abs(log) > kLogBound - 1e-6;
    const bool loose =
        definite && fit.log_covariance[static_cast<size_t>(i * size + i)] > kOpenLog * kOpenLog;
    if (at_bound || loose) open.push_back(fit.parameter_names[static_cast<size_t>(i)]);
  }
  if (!best.converged) {
    fit.explanation = absl::StrCat("no maximum after ", best.iterations,
                                   " iterations; the gradient's norm is ", best.gradient_norm);
    if (!open.empty()) {
      absl::StrAppend(&fit.explanation, " and ", absl::StrJoin(open, ", "), " still running off");
    }
    fit.log_covariance.clear();
    return fit;
  }
  if (!open.empty()) {
    fit.verdict = Verdict::kBoundary;
    fit.explanation = Meaning(model, open);
    fit.log_covariance.clear();
    if (Cholesky(Negative(best.evaluation.hessian, size, kBoundaryPrecision), size, &lower)) {
      SetCovariance(lower, size, &fit);
    }
    return fit;
  }
  if (!definite) {
    fit.explanation =
        absl::StrCat("after ", best.iterations, " iterations the gradient vanishes (norm ",
                     best.gradient_norm, "), but the Hessian there is not negative definite");
    return fit;
  }
  fit.verdict = Verdict::kConverged;
  for (int i = 0; i < size; ++i) {
    const auto at = static_cast<size_t>(i);
    fit.standard_errors.push_back(fit.parameters[at] *
                                  std::sqrt(fit.log_covariance[at * fit.parameters.size() + at]));
  }
  return fit;
}

ModelFit FitPurchaseModel(PurchaseKind kind, const Summary& summary) {
  ModelFit fit;
  fit.model = PurchaseKindName(kind);
  fit.parameter_names = PurchaseParameterNames(kind);
  fit.rows = summary.input_rows();
  fit.distinct_rows = static_cast<int64_t>(summary.rows().size());
  if (!(summary.purchases() > 0)) {
    fit.verdict = Verdict::kNotIdentified;
    fit.explanation = "everything: nobody has bought again";
    return fit;
  }
  const Maximum best = SearchAll(kind, summary);
  ModelFit found = Describe(fit.model, fit.parameter_names, best);
  found.rows = fit.rows;
  found.distinct_rows = fit.distinct_rows;
  if (kind != PurchaseKind::kNbd) JudgeDropout(summary, best.evaluation.value, &found);
  found.parameters[1] *= summary.scale();
  if (!found.standard_errors.empty()) found.standard_errors[1] *= summary.scale();
  found.log_likelihood -= summary.purchases() * std::log(summary.scale());
  return found;
}

}  // namespace tenure::clv
