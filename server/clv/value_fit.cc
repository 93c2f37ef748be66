// Choosing and fitting the models of a ValueModel.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/spend_estimate.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

HoldoutCheck CheckHoldout(const ModelFit& fit, absl::Span<const PurchaseRow> rows,
                          absl::Span<const double> actual, double days, double unit_days) {
  HoldoutCheck check{fit.model, days};
  const std::shared_ptr<const PurchaseModel> model =
      *CreatePurchaseModel(fit.model, fit.parameters);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double expected = model->ExpectedPurchases(
        {rows[i].frequency, rows[i].recency, rows[i].age}, days / unit_days);
    check.expected += expected;
    check.actual += actual[i];
    check.mean_absolute_error += std::abs(expected - actual[i]);
    check.standard_error += (expected - actual[i]) * (expected - actual[i]);
  }
  check.standard_error = std::sqrt(check.standard_error);
  check.mean_absolute_error /= static_cast<double>(rows.size());
  return check;
}

const ModelFit* Find(const std::vector<ModelFit>& fits, const std::string& model) {
  for (const ModelFit& fit : fits) {
    if (fit.model == model && fit.usable()) return &fit;
  }
  return nullptr;
}

std::string Rounded(double value) { return absl::StrCat(std::round(value * 10) / 10); }

const HoldoutCheck* Find(const std::vector<HoldoutCheck>& checks, const std::string& model) {
  for (const HoldoutCheck& check : checks) {
    if (check.model == model) return &check;
  }
  return nullptr;
}

// Which of two models with as many parameters: the one whose total was nearer in the holdout, where
// that is no accident of who happened to buy, else the likelier. One that ran off to a boundary is
// but a simpler model.
bool IsBetter(const ModelFit& fit, const ModelFit& other, const std::vector<HoldoutCheck>& holdout,
              std::string* because) {
  const bool is_inside = fit.verdict == Verdict::kConverged;
  if (is_inside != (other.verdict == Verdict::kConverged)) {
    *because = "the other has run off to a boundary";
    return is_inside;
  }
  const HoldoutCheck* check = Find(holdout, fit.model);
  const HoldoutCheck* against = Find(holdout, other.model);
  if (check != nullptr && against != nullptr) {
    const double from_middle = check->actual - (check->expected + against->expected) / 2;
    if (std::abs(from_middle) > std::max(check->standard_error, against->standard_error)) {
      const bool is_nearer = (check->expected > against->expected) == (from_middle > 0);
      const HoldoutCheck& nearer = is_nearer ? *check : *against;
      const HoldoutCheck& farther = is_nearer ? *against : *check;
      *because =
          absl::StrCat("it foresaw ", Rounded(nearer.expected), " of the holdout's ",
                       Rounded(nearer.actual), " purchases, the other ", Rounded(farther.expected));
      return is_nearer;
    }
  }
  *because = absl::StrCat(holdout.empty() ? "" : "the holdout doesn't tell them apart and ",
                          "its log-likelihood is the higher (",
                          Rounded(std::max(fit.log_likelihood, other.log_likelihood)), " against ",
                          Rounded(std::min(fit.log_likelihood, other.log_likelihood)), ")");
  return fit.log_likelihood >= other.log_likelihood;
}

// The rule of docs/clv.md: MBG/NBD or Pareto/NBD, else BG/NBD, else NBD; null when none is usable.
const ModelFit* Choose(const FitReport& report, std::string* why) {
  const ModelFit* nbd = Find(report.purchase, "nbd");
  const ModelFit* bg = Find(report.purchase, "bg_nbd");
  const ModelFit* mbg = Find(report.purchase, "mbg_nbd");
  const ModelFit* pareto = Find(report.purchase, "pareto_nbd");
  if (mbg != nullptr || pareto != nullptr) {
    const ModelFit* best = mbg != nullptr ? mbg : pareto;
    std::string because;
    if (mbg != nullptr && pareto != nullptr && !IsBetter(*mbg, *pareto, report.holdout, &because)) {
      best = pareto;
    }
    const char* other = best == mbg ? "Pareto/NBD" : "MBG/NBD";
    *why = absl::StrCat(
        best == mbg ? "MBG/NBD" : "Pareto/NBD", ": customers drop out (log-likelihood ",
        Rounded(best->log_likelihood),
        nbd == nullptr
            ? ""
            : absl::StrCat(" against ", Rounded(nbd->log_likelihood), " without dropout"),
        "), and it lets one-time buyers be gone, which BG/NBD doesn't",
        because.empty() ? "" : absl::StrCat("; rather than ", other, " since ", because), ".");
    return best;
  }
  if (bg != nullptr) {
    *why =
        "BG/NBD: customers drop out, but neither MBG/NBD nor Pareto/NBD has a usable fit; it says "
        "P(alive) = 1 for every one-time buyer, so judge those by their silence.";
    return bg;
  }
  if (nbd != nullptr) {
    *why =
        "NBD: these purchases don't show that customers drop out, so value is set without "
        "dropout; judge a lapse by silence against the customer's own rhythm.";
  }
  return nbd;
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

}  // namespace

absl::StatusOr<FittedValue> FitValueModel(absl::Span<const Observation> rows,
                                          const ValueOptions& options,
                                          absl::Span<const double> holdout_purchases,
                                          double holdout_days,
                                          absl::Span<const HoldoutCheck> earlier) {
  if (!holdout_purchases.empty() && holdout_purchases.size() != rows.size()) {
    return absl::InvalidArgumentError("holdout_purchases must have one entry for each row");
  }
  const std::vector<PurchaseRow> purchases = PurchaseRowsOf(rows, options.time_unit_days);
  TENURE_ASSIGN_OR_RETURN(const Summary summary, Summary::Create(purchases));
  FittedValue fitted;
  FitReport& report = fitted.report;
  std::vector<std::string> names = {"nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"};
  if (options.model != "auto") names = {options.model};
  for (const std::string& name : names) {
    TENURE_ASSIGN_OR_RETURN(ModelFit fit, FitByName(name, summary));
    report.purchase.push_back(std::move(fit));
  }
  if (!holdout_purchases.empty()) {
    for (const ModelFit& fit : report.purchase) {
      if (!fit.usable()) continue;
      report.holdout.push_back(
          CheckHoldout(fit, purchases, holdout_purchases, holdout_days, options.time_unit_days));
    }
  }
  if (holdout_purchases.empty()) report.holdout.assign(earlier.begin(), earlier.end());
  const ModelFit* chosen = options.model == "auto"
                               ? Choose(report, &report.why)
                               : Find(report.purchase, report.purchase.back().model);
  if (options.model != "auto" && chosen != nullptr) report.why = "it was asked for.";
  ValueParameters parameters;
  if (summary.repeaters() < kEnoughCases || chosen == nullptr) {
    parameters = FallbackPurchases(summary);
    report.fallback = absl::StrCat(
        "purchases at the pooled rate (",
        chosen == nullptr ? absl::StrCat("no usable fit: ", report.purchase.back().VerdictText())
                          : absl::StrCat(summary.repeaters(), " customers with a repeat purchase, ",
                                         kEnoughCases, " needed"),
        ")");
    report.why = absl::StrCat("The pooled purchase rate, no fit: ", report.fallback, ".");
  } else {
    parameters.model = chosen->model;
    parameters.purchase = chosen->parameters;
    parameters.purchase_log_cov = chosen->log_covariance;
    parameters.verdict = chosen->VerdictText();
    if (chosen->verdict == Verdict::kBoundary) {
      AddFallback(absl::StrCat("purchases by a simpler model (", parameters.verdict, ")"),
                  &parameters, &report);
    }
  }
  report.chosen = parameters.model;
  EstimateSpend(rows, &parameters, &report);
  ValueOptions resolved = options;
  resolved.model = parameters.model;
  TENURE_ASSIGN_OR_RETURN(fitted.model,
                          ValueModel::Create(std::move(parameters), std::move(resolved)));
  return fitted;
}

}  // namespace tenure::clv
