// Choosing and fitting the models of a ValueModel.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/future_curves.h"
#include "server/clv/map_value.h"
#include "server/clv/model_choice.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/renewals.h"
#include "server/clv/retention_cohort.h"
#include "server/clv/spend_estimate.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

HoldoutCheck CheckHoldout(const ModelFit& fit, absl::Span<const PurchaseRow> rows,
                          absl::Span<const double> actual, double days, double unit_days) {
  HoldoutCheck check{fit.model, days};
  const std::shared_ptr<const PurchaseModel> model =
      *CreatePurchaseModel(fit.model, fit.parameters);
  const FutureCurves curves(*model);
  double customers = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double expected = curves.ExpectedPurchases(
        {rows[i].frequency, rows[i].recency, rows[i].age}, days / unit_days);
    const double weight = rows[i].weight;
    check.expected += weight * expected;
    check.actual += weight * actual[i];
    check.mean_absolute_error += weight * std::abs(expected - actual[i]);
    check.standard_error += weight * (expected - actual[i]) * (expected - actual[i]);
    customers += weight;
  }
  check.standard_error = std::sqrt(check.standard_error);
  check.mean_absolute_error /= customers;
  return check;
}

// A fit of regular timing is tried where k = 2 or more is likelier than chance: found from a
// thinned sample of very many customers, fitted to all of them.
constexpr size_t kThinAbove = 40'000;  // distinct rows
constexpr size_t kThinTo = 10'000;
constexpr int64_t kMostRegularRows = 50'000;  // a value takes some 100 µs
// Purchases of a day count once: where they come nearly daily, that alone makes them regular.
constexpr double kLeastMeanIntervalDays = 7;

double MeanInterval(const Summary& summary) {
  double time = 0;
  for (const PurchaseRow& row : summary.rows()) time += row.weight * row.recency;
  return time * summary.scale() / summary.purchases();
}

// Adds the fit to the report, or returns why there is none where that is worth saying.
std::string TryRegular(const Summary& summary, const FitOptions& options, double unit_days,
                       FitReport* report) {
  if (!(summary.purchases() > 0) || std::isnan(summary.log_intervals()) ||
      MeanInterval(summary) * unit_days < kLeastMeanIntervalDays) {
    return "";
  }
  const size_t rows = summary.rows().size();
  const bool thin = rows > kThinAbove;
  const Summary sample = thin ? summary.Thinned(rows / kThinTo) : summary;
  RegularFit found = FitRegular(Dropout::kAfterEveryPurchase, sample, options);
  // Where nobody drops out, the model without dropout, by the same k's way up.
  if (!found.fit.usable()) found = FitRegular(Dropout::kNever, sample, options);
  if (found.k == 1) return "";
  if (summary.input_rows() > kMostRegularRows) {
    if (!found.fit.usable()) return "";
    return absl::StrCat("Purchases are more regular than chance (", found.fit.model,
                        thin ? ", by a sample" : "", "), but for more than ", kMostRegularRows,
                        " customers its values take long: name --model ", found.fit.model,
                        " where that is worth it.");
  }
  if (thin) found.fit = *FitByName(found.fit.model, summary, options);
  report->purchase.push_back(std::move(found.fit));
  return "";
}

// The pooled share of renewals that didn't come: with as many renewals missed and made, and one
// more of each, the risk is Beta(missed + 1, made + 1). Rows are renewals, as RowsFor has them.
ValueParameters FallbackRenewals(const Summary& summary) {
  constexpr double kRounding = 1e-9;  // times that were scaled are whole but for it
  double made = 0, missed = 0;
  for (const PurchaseRow& row : summary.rows()) {
    const double renewals = std::floor(row.recency * summary.scale() * (1 + kRounding) + kRounding);
    made += row.weight * renewals;
    if (!IsActive({renewals, renewals, row.age * summary.scale()})) missed += row.weight;
  }
  ValueParameters parameters;
  parameters.model = "sbg";
  parameters.fallback = true;
  parameters.verdict = "FALLBACK: the pooled share of missed renewals";
  parameters.purchase = {missed + 1, made + 1};
  parameters.purchase_log_cov = {1 / (missed + 1), 0, 0, 1 / (made + 1)};
  return parameters;
}

ValueParameters FallbackPurchases(const Summary& summary) {
  // One purchase more than seen over a mean customer's time more than seen: finite for no
  // purchase at all, and soon forgotten. Rates are exponential over customers (r = 1).
  ValueParameters parameters;
  parameters.model = "nbd";
  parameters.fallback = true;
  parameters.verdict = "FALLBACK: the pooled purchase rate";
  const double purchases = summary.purchases() + 1;
  const double exposure = (summary.exposure() + 1) * summary.scale();
  parameters.purchase = {1, exposure / purchases};
  parameters.purchase_log_cov = {0, 0, 0, 1 / purchases};
  return parameters;
}

// Empty where there is none of that model.
std::vector<PriorTerm> TermsUnder(const std::vector<ModelPrior>& priors, const std::string& model) {
  for (const ModelPrior& prior : priors) {
    if (prior.model == model) return prior.terms;
  }
  return {};
}

// What a fit is asked for beside rows and options.
struct Request {
  absl::Span<const double> holdout_purchases;
  double holdout_days = 0;
  absl::Span<const HoldoutCheck> earlier;
  const PriorRequest* prior = nullptr;  // none: likelihood alone
  absl::Span<const double> weights;     // customers alike in each row; none: 1 each
};

// Each model that options.model asks for, tried. Returns what is to be said beside.
absl::StatusOr<std::string> TryModels(const ValueOptions& options, const Request& request,
                                      const Summary& summary, FitReport* report,
                                      std::vector<ModelPrior>* priors) {
  const bool is_auto = options.model == "auto";
  std::vector<std::string> names = {"nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"};
  if (!is_auto) names = {options.model};
  FitOptions fit_options;
  std::vector<PriorTerm> terms;
  for (const std::string& name : names) {
    if (request.prior != nullptr) {
      TENURE_ASSIGN_OR_RETURN(const ModelKind kind, KindOf(name));
      TENURE_RETURN_IF_ERROR(request.prior->Check(kind));
      terms = request.prior->TermsOf(kind, summary.scale());
      fit_options.prior = PriorOf(terms);
    }
    TENURE_ASSIGN_OR_RETURN(ModelFit fit, FitByName(name, summary, fit_options));
    if (!terms.empty()) priors->push_back({fit.model, terms});
    report->purchase.push_back(std::move(fit));
  }
  // Under a prior likelihoods of regular timing don't compare by the same rule: it must be named.
  if (!is_auto || request.prior != nullptr) return std::string();
  return TryRegular(summary, fit_options, options.time_unit_days, report);
}

absl::StatusOr<FittedValue> Fit(absl::Span<const Observation> rows, const ValueOptions& options,
                                const Request& request, std::vector<ModelPrior>* priors) {
  const absl::Span<const double> actual = request.holdout_purchases;
  if (!actual.empty() && actual.size() != rows.size()) {
    return absl::InvalidArgumentError("holdout_purchases must have one entry for each row");
  }
  TENURE_RETURN_IF_ERROR(CheckWeights(rows, request.weights));
  std::vector<PurchaseRow> purchases =
      PurchaseRowsOf(rows, options.time_unit_days, request.weights);
  const std::string hint = options.model == "auto" ? TimingHint(purchases) : "";
  TENURE_ASSIGN_OR_RETURN(const Summary summary, Summary::Take(std::move(purchases)));
  FittedValue fitted;
  FitReport& report = fitted.report;
  TENURE_ASSIGN_OR_RETURN(const std::string note,
                          TryModels(options, request, summary, &report, priors));
  if (!actual.empty()) {
    const std::vector<PurchaseRow> each =
        PurchaseRowsOf(rows, options.time_unit_days, request.weights);
    for (const ModelFit& fit : report.purchase) {
      if (!fit.usable()) continue;
      report.holdout.push_back(
          CheckHoldout(fit, each, actual, request.holdout_days, options.time_unit_days));
    }
  } else {
    report.holdout.assign(request.earlier.begin(), request.earlier.end());
  }
  const ModelFit* chosen = options.model == "auto"
                               ? ChooseModel(report, &report.why)
                               : FindUsable(report, report.purchase.back().model);
  if (options.model != "auto" && chosen != nullptr) report.why = "it was asked for.";
  ValueParameters parameters;
  const bool is_enough = request.prior != nullptr || summary.repeaters() >= kEnoughCases;
  if (!is_enough || chosen == nullptr) {
    const bool is_contract = IsContract(options.model);
    parameters = is_contract ? FallbackRenewals(summary) : FallbackPurchases(summary);
    report.fallback = absl::StrCat(
        is_contract ? "renewals at the pooled rate (" : "purchases at the pooled rate (",
        chosen == nullptr ? absl::StrCat("no usable fit: ", report.purchase.back().VerdictText())
                          : absl::StrCat(summary.repeaters(), " customers with a repeat purchase, ",
                                         kEnoughCases, " needed"),
        ")");
    report.why = absl::StrCat(
        is_contract ? "The pooled renewal rate, no fit: " : "The pooled purchase rate, no fit: ",
        report.fallback, ".");
  } else {
    parameters.model = chosen->model;
    parameters.purchase = chosen->parameters;
    parameters.purchase_log_cov = chosen->log_covariance;
    parameters.verdict = VerdictUnder(TermsUnder(*priors, chosen->model), *chosen);
    if (chosen->verdict == Verdict::kBoundary) {
      AddFallback(absl::StrCat("purchases by a simpler model (", parameters.verdict, ")"),
                  &parameters, &report);
    }
  }
  if (options.model == "auto") {
    for (const std::string& more : {note, hint}) {
      if (!more.empty()) absl::StrAppend(&report.why, " ", more);
    }
  }
  report.chosen = parameters.model;
  std::vector<PriorTerm> spend;
  const double mean_spend = MeanSpend(rows, request.weights);
  if (request.prior != nullptr && !std::isnan(mean_spend)) {
    spend = request.prior->SpendTerms(mean_spend);
    priors->push_back({"gamma_gamma", spend});
  }
  EstimateSpend(rows, spend, &parameters, &report, request.weights);
  ValueOptions resolved = options;
  resolved.model = parameters.model;
  TENURE_ASSIGN_OR_RETURN(fitted.model,
                          ValueModel::Create(std::move(parameters), std::move(resolved)));
  return fitted;
}

}  // namespace

absl::StatusOr<FittedValue> FitValueModel(absl::Span<const Observation> rows,
                                          const ValueOptions& options,
                                          absl::Span<const double> holdout_purchases,
                                          double holdout_days,
                                          absl::Span<const HoldoutCheck> earlier,
                                          absl::Span<const double> weights) {
  std::vector<ModelPrior> none;
  return Fit(rows, options, {holdout_purchases, holdout_days, earlier, nullptr, weights}, &none);
}

absl::StatusOr<MapValue> FitValueModelByMap(absl::Span<const Observation> rows,
                                            const ValueOptions& options, const PriorRequest& prior,
                                            absl::Span<const double> holdout_purchases,
                                            double holdout_days, absl::Span<const double> weights) {
  MapValue map;
  TENURE_ASSIGN_OR_RETURN(
      map.value,
      Fit(rows, options, {holdout_purchases, holdout_days, {}, &prior, weights}, &map.priors));
  return map;
}

}  // namespace tenure::clv
