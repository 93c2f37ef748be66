#include "server/clv/spend_estimate.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/clv/gamma_gamma.h"

namespace tenure::clv {
namespace {

// The fallback's pooled spend counts as much as this many purchases of the customer's own.
constexpr double kPooledPurchases = 2;

std::vector<SpendRow> SpendRows(absl::Span<const Observation> rows,
                                absl::Span<const double> weights, int64_t* left_out) {
  std::vector<SpendRow> spends;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Observation& row = rows[i];
    if (row.frequency <= 0) continue;
    if (IsSpend(row.mean_spend)) {
      spends.push_back({row.frequency, row.mean_spend, weights.empty() ? 1 : weights[i]});
    } else {
      ++*left_out;
    }
  }
  return spends;
}

}  // namespace

absl::Status CheckWeights(absl::Span<const Observation> rows, absl::Span<const double> weights) {
  if (weights.empty() || weights.size() == rows.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("there are ", rows.size(), " rows, but ", weights.size(), " weights"));
}

std::vector<PurchaseRow> PurchaseRowsOf(absl::Span<const Observation> rows, double unit_days,
                                        absl::Span<const double> weights) {
  std::vector<PurchaseRow> purchases;
  purchases.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Observation& row = rows[i];
    purchases.push_back({row.frequency, row.recency_days / unit_days, row.age_days / unit_days,
                         weights.empty() ? 1 : weights[i],
                         row.log_intervals - row.frequency * std::log(unit_days)});
  }
  return purchases;
}

void AddFallback(const std::string& what, ValueParameters* parameters, FitReport* report) {
  parameters->fallback = true;
  absl::StrAppend(&report->fallback, report->fallback.empty() ? "" : "; ", what);
}

double MeanSpend(absl::Span<const Observation> rows, absl::Span<const double> weights) {
  int64_t left_out = 0;
  double sum = 0, weight = 0;
  for (const SpendRow& row : SpendRows(rows, weights, &left_out)) {
    sum += row.weight * row.mean_spend;
    weight += row.weight;
  }
  return sum / weight;
}

std::string VerdictUnder(absl::Span<const PriorTerm> prior, const ModelFit& fit) {
  return absl::StrCat(fit.VerdictText(), prior.empty() ? "" : "; MAP, prior medians ",
                      PriorText(prior));
}

void EstimateSpend(absl::Span<const Observation> rows, absl::Span<const PriorTerm> prior,
                   ValueParameters* parameters, FitReport* report,
                   absl::Span<const double> weights) {
  const std::vector<SpendRow> spends = SpendRows(rows, weights, &report->spend_rows_left_out);
  if (spends.empty()) {
    parameters->spend_verdict = "none: no customer has a spend, every purchase counts 1";
    return;
  }
  report->frequency_spend_correlation = FrequencySpendCorrelation(spends);
  const Prior before = PriorOf(prior);
  report->spend = *FitGammaGamma(spends, prior.empty() ? nullptr : &before);
  double customers = 0, purchases = 0, spend = 0;
  for (const SpendRow& row : spends) {
    customers += row.weight;
    purchases += row.weight * row.frequency;
    spend += row.weight * row.frequency * row.mean_spend;
  }
  const bool enough = !prior.empty() || customers >= kEnoughCases;
  if (report->spend.usable() && enough) {
    parameters->spend = report->spend.parameters;
    parameters->spend_log_cov = report->spend.log_covariance;
    parameters->spend_verdict = VerdictUnder(prior, report->spend);
    if (report->spend.verdict == Verdict::kBoundary) {
      AddFallback(absl::StrCat("spend by a simpler model (", parameters->spend_verdict, ")"),
                  parameters, report);
    }
    return;
  }
  parameters->spend = {1, 1 + kPooledPurchases, kPooledPurchases * spend / purchases};
  parameters->spend_verdict = "FALLBACK: the pooled mean spend";
  AddFallback(absl::StrCat("spend is pooled (",
                           !enough ? absl::StrCat(customers, " customers with spend, ",
                                                  kEnoughCases, " needed")
                                   : report->spend.VerdictText(),
                           ")"),
              parameters, report);
}

}  // namespace tenure::clv
