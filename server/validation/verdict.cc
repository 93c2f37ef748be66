#include "server/validation/verdict.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/validation/tracking_shape.h"

namespace tenure::validation {
namespace {

std::string Percent(double share) { return absl::StrFormat("%.1f %%", 100 * std::abs(share)); }

// Good, fair or poor by two limits; what chance explains is good.
Grade GradeOf(double bias, double standard_error) {
  if (std::abs(bias) <= kGoodBias || std::abs(bias) <= kChance * standard_error) {
    return Grade::kGood;
  }
  return std::abs(bias) <= kPoorBias ? Grade::kFair : Grade::kPoor;
}

Finding Bias(const Agreement& agreement, const char* code, const char* what,
             absl::string_view remedy_low, absl::string_view remedy_high) {
  Finding finding{code, GradeOf(agreement.bias, agreement.bias_standard_error), "", ""};
  const bool low = agreement.bias < 0;
  finding.what =
      absl::StrFormat("%s: %.1f expected, %.1f seen, %s too %s (standard error %s).", what,
                      agreement.expected, agreement.actual, Percent(agreement.bias),
                      low ? "few" : "many", Percent(agreement.bias_standard_error));
  if (finding.grade == Grade::kGood) {
    absl::StrAppend(&finding.what, std::abs(agreement.bias) <= kGoodBias
                                       ? " Within 10 %."
                                       : " Within what chance explains.");
  } else {
    finding.remedy = std::string(low ? remedy_low : remedy_high);
  }
  return finding;
}

void JudgeOneTimeBuyers(const FrequencyBin& bin, absl::string_view model,
                        std::vector<Finding>* findings) {
  const double error = bin.expected - bin.actual;
  if (!(error > kGoodBias * bin.actual && error > kChanceOfMany * bin.standard_error)) return;
  Finding finding{"ONE_TIME_BUYERS", Grade::kFair, "", ""};
  finding.what = absl::StrFormat(
      "One-time buyers are over-predicted: %.3f purchases expected each, %.3f seen.", bin.expected,
      bin.actual);
  finding.remedy =
      model == "bg_nbd" || model == "nbd"
          ? "This model takes every one-time buyer to be alive; use MBG/NBD or Pareto/NBD, and "
            "don't use this one for welcome or win-back."
          : "Fit cohorts apart (one-time buyers of a promotion come back less), or add what tells "
            "them apart as covariates.";
  findings->push_back(std::move(finding));
}

void JudgeBins(const Validation& validation, absl::string_view model,
               std::vector<Finding>* findings) {
  JudgeOneTimeBuyers(validation.bins[0], model, findings);
  std::string worst;
  double largest = 0;
  for (size_t i = 1; i < validation.bins.size(); ++i) {
    const FrequencyBin& bin = validation.bins[i];
    const double error = bin.expected - bin.actual;
    if (!(std::abs(error) > kBinBias * bin.actual &&
          std::abs(error) > kChanceOfMany * bin.standard_error)) {
      continue;
    }
    if (std::abs(error) <= largest) continue;
    largest = std::abs(error);
    worst = absl::StrFormat("%s repeat purchases: %.3f expected each, %.3f seen", bin.label,
                            bin.expected, bin.actual);
  }
  if (worst.empty()) return;
  findings->push_back(
      {"FREQUENCY_BINS", Grade::kFair,
       absl::StrCat("Some frequencies are off by more than 25 %, most of all customers with ",
                    worst, "."),
       "Totals may be right while single customers are not: try the other purchase models, and "
       "look for few very large buyers (resellers, test accounts) to leave out."});
}

void JudgeOrder(const Agreement& agreement, const char* unit, std::vector<Finding>* findings) {
  if (std::isnan(agreement.gini_gain)) return;
  const Grade grade = agreement.gini_gain >= kGoodGain   ? Grade::kGood
                      : agreement.gini_gain >= kPoorGain ? Grade::kFair
                                                         : Grade::kPoor;
  Finding gain{"GINI_GAIN", grade, "", ""};
  gain.what = absl::StrFormat(
      "The order by predicted %s has %.0f %% of the Gini index of the perfect order; the 10 %% "
      "predicted highest hold %.0f %% of what came (%.0f %% at best).",
      unit, 100 * agreement.gini_gain, 100 * agreement.top_tenth, 100 * agreement.best_top_tenth);
  if (grade != Grade::kGood) {
    gain.remedy =
        "The model hardly tells good customers from others: don't select by it yet; look at the "
        "data's customer ids (one person, several accounts), and add covariates.";
  }
  findings->push_back(std::move(gain));
  const double mean = agreement.actual / (10 * agreement.deciles[0].customers);
  for (size_t i = 0; i + 1 < agreement.deciles.size(); ++i) {
    const Decile& above = agreement.deciles[i];
    const Decile& below = agreement.deciles[i + 1];
    const double rise = below.actual - above.actual;
    if (rise <= kDecileBreak * mean ||
        rise <= kChanceOfMany * std::hypot(above.standard_error, below.standard_error)) {
      continue;
    }
    findings->push_back(
        {"DECILE_ORDER", i == 0 ? Grade::kPoor : Grade::kFair,
         absl::StrFormat("The order breaks: decile %d brought %.2f a customer, decile %d %.2f.",
                         i + 1, above.actual, i + 2, below.actual),
         "Use tiers coarser than deciles (halves, quarters), and look at who is in these two."});
    return;
  }
}

void JudgeTracking(const Tracking& tracking, std::vector<Finding>* findings) {
  const TrackingShape shape = ShapeOf(tracking);
  if (std::abs(shape.calibration_bias) > kTrackingBias) {
    findings->push_back(
        {"TRACKING_CALIBRATION", Grade::kFair,
         absl::StrFormat("Before the split already the model misses the cohort's purchases by %s.",
                         Percent(shape.calibration_bias)),
         "The model doesn't fit what it was fitted to: look for a change within those weeks "
         "(opening, new assortment), or fit cohorts apart."});
  }
  if (std::abs(shape.drift) > kDrift &&
      std::abs(shape.drift) > kChance * shape.drift_standard_error) {
    const bool up = shape.drift > 0;
    findings->push_back(
        {up ? "DRIFT_UP" : "DRIFT_DOWN", Grade::kFair,
         absl::StrFormat("Against the expectation the holdout's second half is %s %s than its "
                         "first.",
                         Percent(shape.drift), up ? "higher" : "lower"),
         up ? "Purchases grow over the expectation: a season, a campaign or a growing assortment. "
              "Fit on data that end nearer to now, and refit as it goes on."
            : "Purchases fall behind the expectation: customers leave faster than before, or a "
              "season has ended. Use a model with dropout, and refit on recent cohorts."});
  }
  if (shape.season > kSeason) {
    findings->push_back(
        {"SEASON", Grade::kFair,
         absl::StrFormat("Over blocks of four weeks actual against expected varies by %s more "
                         "than chance does.",
                         Percent(shape.season)),
         "The models know no seasons: hold out whole years, and don't read a horizon shorter than "
         "a year off one season."});
  }
}

}  // namespace

const char* GradeName(Grade grade) {
  switch (grade) {
    case Grade::kGood:
      return "GOOD";
    case Grade::kFair:
      return "FAIR";
    case Grade::kPoor:
      return "POOR";
    case Grade::kUnknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

Verdict BeyondRecords(double missing_days, Verdict judged) {
  Verdict verdict = std::move(judged);
  verdict.grade = Grade::kUnknown;
  verdict.findings.insert(
      verdict.findings.begin(),
      {"HOLDOUT_BEYOND_DATA", Grade::kUnknown,
       absl::StrFormat("The holdout ends %.0f days after the last purchase of anybody: what wasn't "
                       "recorded counts as not bought.",
                       missing_days),
       "End the holdout where the records end."});
  verdict.summary = "The holdout is longer than the records, so there is no verdict.";
  verdict.first_step = verdict.findings[0].remedy;
  return verdict;
}

Verdict Judge(const Validation& validation, const Tracking* tracking, absl::string_view model) {
  Verdict verdict;
  if (validation.customers < kFewestCustomers || validation.purchases.actual < kFewestPurchases) {
    verdict.findings.push_back(
        {"TOO_LITTLE", Grade::kUnknown,
         absl::StrFormat("%.0f customers with %.0f purchases in the holdout are too few to judge "
                         "by (%.0f and %.0f needed).",
                         validation.customers, validation.purchases.actual, kFewestCustomers,
                         kFewestPurchases),
         "Take a longer holdout or more customers."});
    verdict.summary = "There is too little in the holdout for a verdict.";
    verdict.first_step = verdict.findings[0].remedy;
    return verdict;
  }
  std::vector<Finding>& findings = verdict.findings;
  findings.push_back(
      Bias(validation.purchases, "PURCHASES_BIAS", "Purchases over the holdout",
           "Look at the weekly tracking: where a season or a campaign lifts the holdout, choose a "
           "split a year earlier; else try the other purchase models.",
           "Customers leave faster than the model says: try a model with dropout (MBG/NBD, "
           "Pareto/NBD), or fit to recent cohorts only."));
  if (validation.has_value) {
    findings.push_back(
        Bias(validation.value, "VALUE_BIAS", "Spend over the holdout",
             "Where purchases are right, spend per purchase has risen (prices, assortment): fit "
             "spend to recent purchases; where they are low too, mend those first.",
             "Where purchases are right, spend per purchase has fallen, or few very large orders "
             "weigh on the fit: look at the largest, and at refunds."));
  }
  JudgeBins(validation, model, &findings);
  JudgeOrder(validation.has_value ? validation.value : validation.purchases,
             validation.has_value ? "value" : "purchases", &findings);
  if (tracking != nullptr) JudgeTracking(*tracking, &findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& l, const Finding& r) { return l.grade > r.grade; });
  verdict.grade = findings[0].grade;
  switch (verdict.grade) {
    case Grade::kGood:
      verdict.summary = "The model predicts the holdout well.";
      verdict.first_step = "Use it, and validate again when new weeks are in.";
      break;
    case Grade::kFair:
      verdict.summary = "The model is usable with care: see what is off, and by how much.";
      verdict.first_step = findings[0].remedy;
      break;
    default:
      verdict.summary = "Don't act on this model's values yet.";
      verdict.first_step = findings[0].remedy;
  }
  return verdict;
}

}  // namespace tenure::validation
