#include "server/clv/purchase_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/clv/condensed_nbd_model.h"

namespace tenure::clv {
namespace {

constexpr double kOpenLog = 3;                 // a standard error of a log: a factor of 20
constexpr size_t kThinAbove = 40'000;          // distinct rows
constexpr size_t kThinTo = 10'000;             //
constexpr double kBoundaryPrecision = 1. / 9;  // of the prior on a log that gives intervals there

Point LogsOf(const Vector& parameters, size_t size) {
  Point logs(size);
  for (size_t i = 0; i < size; ++i) logs[i] = std::log(parameters[i]);
  return logs;
}

Vector ExponentialsOf(const Point& logs) {
  Vector parameters{};
  for (size_t i = 0; i < logs.size(); ++i) parameters[i] = std::exp(logs[i]);
  return parameters;
}

// One model, one summary, in the summary's own unit.
class Search {
 public:
  Search(const ModelKind& kind, const Summary& summary, const FitOptions& options)
      : kind_(kind), summary_(summary) {
    if (!options.prior) return;
    std::vector<double> units;
    for (const ModelKind::Parameter& parameter : kind.parameters) {
      units.push_back(parameter.is_time ? summary.scale() : 1);
    }
    prior_ = LogPrior::Of(*options.prior, units);
  }

  Maximum From(const Vector& start) const {
    return Maximize([this](const Point& logs) { return At(logs); },
                    LogsOf(start, kind_.parameters.size()), summary_.weight());
  }
  // The best of a few starts; the first that converges inside is taken. What a prior expects comes
  // first, and is the only start where nobody has bought again.
  Maximum FromStarts() const {
    Maximum best;
    bool any = false;
    if (prior_) {
      best = Maximize([this](const Point& logs) { return At(logs); }, prior_->Start(),
                      summary_.weight());
      if (best.converged || !(summary_.purchases() > 0)) return best;
      any = true;
    }
    Vector without{};
    if (!kind_.without_dropout.empty()) {
      const ModelKind simpler = *FindModelKind(kind_.without_dropout);
      without = ExponentialsOf(Search(simpler, summary_, {}).FromStarts().at);
    }
    for (const Vector& start : kind_.starts(summary_, without)) {
      Maximum found = From(start);
      if (!any || found.surface.value > best.surface.value) best = std::move(found);
      any = true;
      if (best.converged) break;
    }
    return best;
  }

 private:
  Surface At(const Point& logs) const {
    const Vector parameters = ExponentialsOf(logs);
    Evaluation at = kind_.log_likelihood(summary_, parameters);
    at.ToLogs(parameters, static_cast<int>(logs.size()));
    Surface surface = Surface::Of(at, logs.size());
    if (prior_) prior_->AddTo(logs, &surface);
    return surface;
  }

  const ModelKind& kind_;
  const Summary& summary_;
  std::optional<LogPrior> prior_;
};

Maximum SearchAll(const ModelKind& kind, const Summary& summary, const FitOptions& options) {
  const Search search(kind, summary, options);
  const size_t rows = summary.rows().size();
  if (rows <= kThinAbove) return search.FromStarts();
  const Summary thinned = summary.Thinned(rows / kThinTo);
  if (!(thinned.purchases() > 0)) return search.FromStarts();
  return search.From(ExponentialsOf(Search(kind, thinned, options).FromStarts().at));
}

SquareMatrix Negative(const SquareMatrix& hessian, double ridge) {
  SquareMatrix information(hessian.size());
  for (size_t i = 0; i < hessian.size(); ++i) {
    for (size_t j = 0; j < hessian.size(); ++j) information(i, j) = -hessian(i, j);
    information(i, i) += ridge;
  }
  return information;
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
  if (model == "sbg" || model == "bdw") {
    return names + ": all customers leave with the same probability, a constant retention rate";
  }
  if (has("alpha") && has("beta")) return names + ": all customers buy with the same probability";
  if (has("gamma") && has("delta")) {
    return names + ": every occasion ends the same share of customers";
  }
  if (has("r")) return names + ": all customers buy at the same rate";
  if (has("a") && has("b")) return names + ": every purchase ends the same share of customers";
  if (has("a")) return names + ": hardly any purchase ends a customer";
  if (has("b")) return names + ": customers stay for ever or end at once";
  if (has("s") && has("beta")) return names + ": all customers leave at the same rate";
  if (has("s")) return names + ": hardly any customer leaves";
  if (has("beta")) return names + ": customers stay for ever or leave at once";
  return names + ": the likelihood has no maximum in it";
}

void JudgeDropout(const ModelKind& kind, const Summary& summary, double scaled_log_likelihood,
                  ModelFit* fit) {
  if (kind.without_dropout.empty()) return;
  const Maximum simpler = SearchAll(*FindModelKind(kind.without_dropout), summary, {});
  const double gain = scaled_log_likelihood - simpler.surface.value;
  if (!(gain < kDropoutGain)) return;
  std::string dropout;
  for (size_t i = 2; i < kind.parameters.size(); ++i) {
    absl::StrAppend(&dropout, i > 2 ? ", " : "", kind.parameters[i].name);
  }
  fit->verdict = Verdict::kNotIdentified;
  fit->explanation = absl::StrCat(
      "dropout (", dropout, "): it gains only ", std::max(0.0, std::round(gain * 1000) / 1000),
      " of log-likelihood over the same model without it, and would need ", kDropoutGain);
}

}  // namespace

ModelFit Describe(const std::string& model, std::vector<std::string> names, const Maximum& best,
                  size_t logs) {
  ModelFit fit;
  const size_t size = names.size();
  fit.model = model;
  fit.parameter_names = std::move(names);
  for (size_t i = 0; i < size; ++i) {
    fit.parameters.push_back(i < logs ? std::exp(best.at[i]) : best.at[i]);
  }
  fit.log_likelihood = best.surface.value;
  fit.gradient_norm = best.gradient_norm;
  fit.iterations = best.iterations;
  if (!std::isfinite(fit.log_likelihood) || (best.iterations == 0 && !best.converged)) {
    fit.explanation = "the search never left its start; are the rows in the right units?";
    return fit;
  }
  SquareMatrix lower;
  const bool definite = Cholesky(Negative(best.surface.hessian, 0), &lower);
  if (definite) fit.log_covariance = InverseOf(lower).entries();
  std::vector<std::string> open;
  for (size_t i = 0; i < size; ++i) {
    const bool at_bound = std::abs(best.at[i]) > kLogBound - 1e-6;
    const bool loose = definite && fit.log_covariance[i * size + i] > kOpenLog * kOpenLog;
    if (at_bound || loose) open.push_back(fit.parameter_names[i]);
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
    if (Cholesky(Negative(best.surface.hessian, kBoundaryPrecision), &lower)) {
      fit.log_covariance = InverseOf(lower).entries();
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
  for (size_t i = 0; i < size; ++i) {
    fit.standard_errors.push_back((i < logs ? fit.parameters[i] : 1) *
                                  std::sqrt(fit.log_covariance[i * size + i]));
  }
  return fit;
}

ModelFit FitPurchaseModel(const ModelKind& kind, const Summary& rows, const FitOptions& options) {
  ModelFit fit;
  fit.model = kind.name;
  fit.parameter_names = kind.ParameterNames();
  fit.rows = rows.input_rows();
  fit.distinct_rows = static_cast<int64_t>(rows.rows().size());
  if (!(rows.purchases() > 0) && !options.prior) {
    fit.verdict = Verdict::kNotIdentified;
    fit.explanation = "everything: nobody has bought again";
    return fit;
  }
  if (kind.needs_intervals && std::isnan(rows.log_intervals())) {
    fit.verdict = Verdict::kNotIdentified;
    fit.explanation =
        "regularity: the rows don't say how long the intervals between purchases were; give the "
        "column log_intervals (`tenure summarize` writes it)";
    return fit;
  }
  const Summary summary = kind.is_discrete ? rows.Unscaled() : rows;
  if (kind.problem) {
    fit.explanation = kind.problem(summary);
    if (!fit.explanation.empty()) return fit;
  }
  const Maximum best = SearchAll(kind, summary, options);
  ModelFit found = Describe(kind.name, fit.parameter_names, best);
  found.rows = fit.rows;
  found.distinct_rows = fit.distinct_rows;
  if (options.prior && std::isfinite(found.log_likelihood)) {
    found.log_likelihood = kind.log_likelihood(summary, ExponentialsOf(best.at)).value;
  }
  // With a prior the data needn't tell dropout from none alone.
  if (!options.prior) JudgeDropout(kind, summary, found.log_likelihood, &found);
  for (size_t i = 0; i < kind.parameters.size(); ++i) {
    if (!kind.parameters[i].is_time) continue;
    found.parameters[i] *= summary.scale();
    if (!found.standard_errors.empty()) found.standard_errors[i] *= summary.scale();
  }
  if (!kind.is_discrete) found.log_likelihood -= summary.purchases() * std::log(summary.scale());
  return found;
}

RegularFit FitRegular(Dropout dropout, const Summary& summary, const FitOptions& options) {
  RegularFit best;
  best.fit = FitPurchaseModel(*FindModelKind(CondensedName(dropout, 1)), summary, options);
  if (std::isnan(summary.log_intervals())) return best;
  for (int k = 2; k <= kMostRegular; ++k) {
    ModelFit fit = FitPurchaseModel(*FindModelKind(CondensedName(dropout, k)), summary, options);
    if (!(fit.log_likelihood > best.fit.log_likelihood)) break;
    best = {k, std::move(fit)};
  }
  return best;
}

std::optional<Dropout> RegularDropout(absl::string_view name) {
  if (name == "cnbd_k") return Dropout::kNever;
  if (name == "bg_cnbd_k") return Dropout::kAfterRepeat;
  if (name == "mbg_cnbd_k") return Dropout::kAfterEveryPurchase;
  return std::nullopt;
}

absl::StatusOr<ModelFit> FitByName(absl::string_view name, const Summary& summary,
                                   const FitOptions& options) {
  if (const std::optional<Dropout> dropout = RegularDropout(name); dropout.has_value()) {
    if (std::isnan(summary.log_intervals())) {
      return absl::InvalidArgumentError(absl::StrCat(
          name,
          ": k can't be told without the lengths of the intervals between purchases; give "
          "the column log_intervals, which `tenure summarize` writes"));
    }
    return FitRegular(*dropout, summary, options).fit;
  }
  TENURE_ASSIGN_OR_RETURN(const ModelKind kind, FindModelKind(name));
  return FitPurchaseModel(kind, summary, options);
}

}  // namespace tenure::clv
