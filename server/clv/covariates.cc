#include "server/clv/covariates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/newton.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

constexpr size_t kThinAbove = 40'000;  // groups
constexpr size_t kThinTo = 10'000;
constexpr size_t kMostGroups = 1'000'000;  // some 500 bytes each

// One coefficient: how the log of a parameter moves with a covariate.
struct Effect {
  size_t parameter;
  size_t covariate;
  double sign;
};

std::vector<Effect> EffectsOf(const ModelKind& kind, const CovariatePlan& plan) {
  std::vector<Effect> effects;
  for (size_t i = 0; i < kind.parameters.size(); ++i) {
    const ModelKind::Parameter& parameter = kind.parameters[i];
    if (parameter.process == ModelKind::Process::kNone) continue;
    const bool rate = parameter.process == ModelKind::Process::kRate;
    for (size_t covariate : rate ? plan.rate : plan.dropout) {
      effects.push_back({i, covariate, parameter.covariate_sign});
    }
  }
  return effects;
}

// Columns of mean 0 and standard deviation 1 over the customers: how the caller measures them
// doesn't reach the search.
struct Standard {
  std::vector<double> mean;
  std::vector<double> deviation;
};

absl::StatusOr<Standard> Standardize(const CovariatePlan& plan, absl::Span<const PurchaseRow> rows,
                                     absl::Span<const double> z) {
  const size_t width = plan.names.size();
  if (width == 0 || width > kMostCovariates || z.size() != rows.size() * width) {
    return absl::InvalidArgumentError(
        absl::StrCat("covariates: 1 to ", kMostCovariates, " columns, one value a row in each"));
  }
  Standard standard;
  for (size_t c = 0; c < width; ++c) {
    double weight = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      const double value = z[i * width + c];
      if (!std::isfinite(value)) {
        return absl::InvalidArgumentError(absl::StrCat("row ", i, ": covariate `", plan.names[c],
                                                       "` must be a number, not ", value));
      }
      weight += rows[i].weight;
      sum += rows[i].weight * value;
    }
    const double mean = sum / weight;
    for (size_t i = 0; i < rows.size(); ++i) {
      const double away = z[i * width + c] - mean;
      squares += rows[i].weight * away * away;
    }
    const double deviation = std::sqrt(squares / weight);
    if (!(deviation > 1e-12 * std::abs(mean))) {
      return absl::InvalidArgumentError(
          absl::StrCat("covariate `", plan.names[c],
                       "` is the same for everybody, so it explains nothing; leave it out"));
    }
    standard.mean.push_back(mean);
    standard.deviation.push_back(deviation);
  }
  return standard;
}

// Customers alike in their covariates.
struct Group {
  std::vector<double> z;  // standardized
  Summary summary;
};

absl::StatusOr<std::vector<Group>> GroupByCovariates(absl::Span<const PurchaseRow> rows,
                                                     absl::Span<const double> z,
                                                     const Standard& standard) {
  const size_t width = standard.mean.size();
  std::map<std::vector<double>, size_t> found;
  std::vector<size_t> group_of;
  group_of.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> key(z.begin() + static_cast<ptrdiff_t>(i * width),
                            z.begin() + static_cast<ptrdiff_t>((i + 1) * width));
    group_of.push_back(found.emplace(std::move(key), found.size()).first->second);
    if (found.size() <= kMostGroups) continue;
    return absl::InvalidArgumentError(
        "covariates: more than 1,000,000 different sets of them, and each is held and evaluated by "
        "itself; round the columns, or fit to a sample of the customers");
  }
  TENURE_ASSIGN_OR_RETURN(std::vector<Summary> summaries,
                          Summary::CreateGroups(rows, group_of, found.size()));
  std::vector<Group> groups;
  groups.reserve(found.size());
  for (const auto& [key, index] : found) {  // in the order of z: independent of the rows'
    Group group{key, std::move(summaries[index])};
    for (size_t c = 0; c < width; ++c) {
      group.z[c] = (group.z[c] - standard.mean[c]) / standard.deviation[c];
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

// The log-likelihood over (logs of the baseline's parameters, coefficients), every step-th group.
Surface LogLikelihood(const ModelKind& kind, const std::vector<Effect>& effects,
                      const std::vector<Group>& groups, size_t step, const Point& at) {
  const size_t own = kind.parameters.size();
  Surface sum(at.size());
  std::vector<double> shift(at.size());
  for (size_t g = step / 2; g < groups.size(); g += step) {
    const Group& group = groups[g];
    Vector parameters{};
    std::copy_n(at.begin(), own, parameters.begin());
    for (size_t e = 0; e < effects.size(); ++e) {
      shift[own + e] = effects[e].sign * group.z[effects[e].covariate];
      parameters[effects[e].parameter] += at[own + e] * shift[own + e];
    }
    for (size_t i = 0; i < own; ++i) parameters[i] = std::exp(parameters[i]);
    Evaluation here = kind.log_likelihood(group.summary, parameters);
    here.ToLogs(parameters, static_cast<int>(own));
    const auto parameter = [&](size_t i) { return i < own ? i : effects[i - own].parameter; };
    std::fill_n(shift.begin(), own, 1.0);
    sum.value += here.value;
    for (size_t i = 0; i < at.size(); ++i) {
      sum.gradient[i] += shift[i] * here.gradient[parameter(i)];
      for (size_t j = 0; j < at.size(); ++j) {
        sum.hessian(i, j) += shift[i] * shift[j] * here.hessian[parameter(i)][parameter(j)];
      }
    }
  }
  return sum;
}

// From standardized covariates back to the caller's: γ = γ_s / s, ln θ₀ = ln θ_s ∓ Σ γ m. Linear,
// so the covariance goes along.
void Unstandardize(const std::vector<Effect>& effects, const Standard& standard, size_t own,
                   ModelFit* fit) {
  const size_t size = fit->parameters.size();
  SquareMatrix map(size);
  for (size_t i = 0; i < size; ++i) map(i, i) = 1;
  for (size_t e = 0; e < effects.size(); ++e) {
    const size_t c = effects[e].covariate;
    map(own + e, own + e) = 1 / standard.deviation[c];
    map(effects[e].parameter, own + e) =
        -effects[e].sign * standard.mean[c] / standard.deviation[c];
  }
  Point coordinates(size);
  for (size_t i = 0; i < size; ++i) {
    coordinates[i] = i < own ? std::log(fit->parameters[i]) : fit->parameters[i];
  }
  for (size_t i = 0; i < size; ++i) {
    double sum = 0;
    for (size_t j = 0; j < size; ++j) sum += map(i, j) * coordinates[j];
    fit->parameters[i] = i < own ? std::exp(sum) : sum;
  }
  if (fit->log_covariance.empty()) return;
  const SquareMatrix before(size, fit->log_covariance);
  SquareMatrix after(size);
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      for (size_t k = 0; k < size; ++k) {
        for (size_t l = 0; l < size; ++l) after(i, j) += map(i, k) * before(k, l) * map(j, l);
      }
    }
  }
  fit->log_covariance = after.entries();
  if (fit->standard_errors.empty()) return;
  for (size_t i = 0; i < size; ++i) {
    fit->standard_errors[i] = std::sqrt(after(i, i)) * (i < own ? fit->parameters[i] : 1);
  }
}

// Over (logs of the baseline's parameters, coefficients of standardized covariates), parameters in
// units of `scale`.
LogPrior InStandardUnits(const CovariatePrior& prior, const ModelKind& kind,
                         const CovariatePlan& plan, const Standard& standard, double scale) {
  const std::vector<std::string> names = plan.CoefficientNames(kind);
  const std::vector<Effect> effects = EffectsOf(kind, plan);
  std::vector<double> units;
  for (const ModelKind::Parameter& parameter : kind.parameters) {
    units.push_back(parameter.is_time ? scale : 1);
  }
  const LogPrior own = LogPrior::Of(prior.parameters, units);
  LogPrior all{own.center, SquareMatrix(units.size() + names.size())};
  all.center.resize(all.precision.size(), 0.0);
  for (size_t i = 0; i < units.size(); ++i) {
    for (size_t j = 0; j < units.size(); ++j) all.precision(i, j) = own.precision(i, j);
  }
  for (size_t e = 0; e < names.size(); ++e) {
    double mean = 0, sd = prior.coefficient_sd;
    for (const CoefficientTerm& term : prior.named) {
      if (term.coefficient != names[e]) continue;
      mean = term.mean * standard.deviation[effects[e].covariate];
      sd = term.sd * standard.deviation[effects[e].covariate];
    }
    all.center[units.size() + e] = mean;
    all.precision(units.size() + e, units.size() + e) = 1 / (sd * sd);
  }
  return all;
}

Maximum Search(const ModelKind& kind, const std::vector<Effect>& effects,
               const std::vector<Group>& groups, const Point& baseline,
               const std::optional<LogPrior>& prior, double weight) {
  Point start = baseline;
  start.resize(baseline.size() + effects.size(), 0.0);
  const auto by = [&](size_t step) {
    return [&kind, &effects, &groups, &prior, step](const Point& at) {
      Surface surface = LogLikelihood(kind, effects, groups, step, at);
      if (prior.has_value()) prior->AddTo(at, &surface);
      return surface;
    };
  };
  if (groups.size() > kThinAbove) {
    const size_t step = groups.size() / kThinTo;
    start = Maximize(by(step), start, weight / static_cast<double>(step)).at;
  }
  return Maximize(by(1), start, weight);
}

}  // namespace

CovariatePlan CovariatePlan::Both(std::vector<std::string> names) {
  CovariatePlan plan;
  plan.names = std::move(names);
  plan.rate.resize(plan.names.size());
  std::iota(plan.rate.begin(), plan.rate.end(), size_t{0});
  plan.dropout = plan.rate;
  return plan;
}

std::vector<std::string> CovariatePlan::CoefficientNames(const ModelKind& kind) const {
  std::vector<std::string> coefficients;
  for (const Effect& effect : EffectsOf(kind, *this)) {
    coefficients.push_back(
        absl::StrCat(kind.parameters[effect.parameter].name, ":", names[effect.covariate]));
  }
  return coefficients;
}

absl::StatusOr<ModelFit> FitWithCovariates(const ModelKind& kind, const CovariatePlan& plan,
                                           absl::Span<const PurchaseRow> rows,
                                           absl::Span<const double> z,
                                           const CovariatePrior* prior) {
  TENURE_ASSIGN_OR_RETURN(Summary all, Summary::Create(rows));
  TENURE_ASSIGN_OR_RETURN(const Standard standard, Standardize(plan, rows, z));
  const std::vector<Effect> effects = EffectsOf(kind, plan);
  if (effects.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(kind.name, " has no process that the covariates given could move"));
  }
  FitOptions baseline_options;
  std::optional<LogPrior> log_prior;
  if (prior != nullptr) {
    baseline_options.prior = prior->parameters;
    log_prior = InStandardUnits(*prior, kind, plan, standard, all.scale());
  }
  const ModelFit baseline = FitPurchaseModel(kind, all, baseline_options);
  if (!baseline.usable()) return baseline;
  const double scale = all.scale(), weight = all.weight(), purchases = all.purchases();
  all = Summary();  // of millions there is no room for it beside the groups
  TENURE_ASSIGN_OR_RETURN(const std::vector<Group> groups, GroupByCovariates(rows, z, standard));
  const size_t own = kind.parameters.size();
  Point start;
  for (size_t i = 0; i < own; ++i) {
    const double unit = kind.parameters[i].is_time ? scale : 1;
    start.push_back(std::log(baseline.parameters[i] / unit));
  }
  std::vector<std::string> names = kind.ParameterNames();
  for (std::string& name : plan.CoefficientNames(kind)) names.push_back(std::move(name));
  const Maximum best = Search(kind, effects, groups, start, log_prior, weight);
  ModelFit fit = Describe(kind.name, std::move(names), best, own);
  if (prior != nullptr && std::isfinite(fit.log_likelihood)) {
    fit.log_likelihood = LogLikelihood(kind, effects, groups, 1, best.at).value;
  }
  fit.rows = baseline.rows;
  fit.distinct_rows = 0;
  for (const Group& group : groups) {
    fit.distinct_rows += static_cast<int64_t>(group.summary.rows().size());
  }
  if (fit.verdict == Verdict::kFailed) {
    absl::StrAppend(&fit.explanation, "; do two covariates say the same?");
  }
  Unstandardize(effects, standard, own, &fit);
  for (size_t i = 0; i < own; ++i) {
    if (!kind.parameters[i].is_time) continue;
    fit.parameters[i] *= scale;
    if (!fit.standard_errors.empty()) fit.standard_errors[i] *= scale;
  }
  fit.log_likelihood -= purchases * std::log(scale);
  return fit;
}

std::vector<double> ParametersAt(const ModelKind& kind, const CovariatePlan& plan,
                                 absl::Span<const double> fitted, absl::Span<const double> z) {
  const size_t own = kind.parameters.size();
  std::vector<double> parameters(fitted.begin(), fitted.begin() + static_cast<ptrdiff_t>(own));
  const std::vector<Effect> effects = EffectsOf(kind, plan);
  for (size_t e = 0; e < effects.size(); ++e) {
    parameters[effects[e].parameter] *=
        std::exp(effects[e].sign * fitted[own + e] * z[effects[e].covariate]);
  }
  return parameters;
}

std::vector<double> LogCovarianceAt(const ModelKind& kind, const CovariatePlan& plan,
                                    absl::Span<const double> covariance,
                                    absl::Span<const double> z) {
  if (covariance.empty()) return {};
  const size_t own = kind.parameters.size();
  const std::vector<Effect> effects = EffectsOf(kind, plan);
  const size_t size = own + effects.size();
  // A parameter's log is a sum of coordinates: itself, and ± z γ of each effect on it.
  std::vector<double> weights(own * size);
  for (size_t i = 0; i < own; ++i) weights[i * size + i] = 1;
  for (size_t e = 0; e < effects.size(); ++e) {
    weights[effects[e].parameter * size + own + e] = effects[e].sign * z[effects[e].covariate];
  }
  std::vector<double> logs(own * own);
  for (size_t i = 0; i < own; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (size_t k = 0; k < size; ++k) {
        if (weights[i * size + k] == 0) continue;
        for (size_t l = 0; l < size; ++l) {
          sum += weights[i * size + k] * covariance[k * size + l] * weights[j * size + l];
        }
      }
      logs[i * own + j] = logs[j * own + i] = sum;
    }
  }
  return logs;
}

}  // namespace tenure::clv
