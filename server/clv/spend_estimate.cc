#include "server/clv/spend_estimate.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/clv/gamma_gamma.h"

namespace tenure::clv {
namespace {

// The fallback's pooled spend counts as much as this many purchases of the customer's own.
constexpr double kPooledPurchases = 2;

std::vector<SpendRow> SpendRows(absl::Span<const Observation> rows, int64_t* left_out) {
  std::vector<SpendRow> spends;
  for (const Observation& row : rows) {
    if (row.frequency <= 0) continue;
    if (IsSpend(row.mean_spend)) {
      spends.push_back({row.frequency, row.mean_spend});
    } else {
      ++*left_out;
    }
  }
  return spends;
}

}  // namespace

std::vector<PurchaseRow> PurchaseRowsOf(absl::Span<const Observation> rows, double unit_days) {
  std::vector<PurchaseRow> purchases;
  purchases.reserve(rows.size());
  for (const Observation& row : rows) {
    purchases.push_back({row.frequency, row.recency_days / unit_days, row.age_days / unit_days, 1,
                         row.log_intervals - row.frequency * std::log(unit_days)});
  }
  return purchases;
}

void AddFallback(const std::string& what, ValueParameters* parameters, FitReport* report) {
  parameters->fallback = true;
  absl::StrAppend(&report->fallback, report->fallback.empty() ? "" : "; ", what);
}

double MeanSpend(absl::Span<const Observation> rows) {
  int64_t left_out = 0;
  const std::vector<SpendRow> spends = SpendRows(rows, &left_out);
  double sum = 0;
  for (const SpendRow& row : spends) sum += row.mean_spend;
  return sum / static_cast<double>(spends.size());
}

std::string VerdictUnder(absl::Span<const PriorTerm> prior, const ModelFit& fit) {
  return absl::StrCat(fit.VerdictText(), prior.empty() ? "" : "; MAP, prior medians ",
                      PriorText(prior));
}

void EstimateSpend(absl::Span<const Observation> rows, absl::Span<const PriorTerm> prior,
                   ValueParameters* parameters, FitReport* report) {
  const std::vector<SpendRow> spends = SpendRows(rows, &report->spend_rows_left_out);
  if (spends.empty()) {
    parameters->spend_verdict = "none: no customer has a spend, every purchase counts 1";
    return;
  }
  report->frequency_spend_correlation = FrequencySpendCorrelation(spends);
  const Prior before = PriorOf(prior);
  report->spend = *FitGammaGamma(spends, prior.empty() ? nullptr : &before);
  const bool enough = !prior.empty() || static_cast<double>(spends.size()) >= kEnoughCases;
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
  double purchases = 0;
  double spend = 0;
  for (const SpendRow& row : spends) {
    purchases += row.frequency;
    spend += row.frequency * row.mean_spend;
  }
  parameters->spend = {1, 1 + kPooledPurchases, kPooledPurchases * spend / purchases};
  parameters->spend_verdict = "FALLBACK: the pooled mean spend";
  AddFallback(absl::StrCat("spend is pooled (",
                           !enough ? absl::StrCat(spends.size(), " customers with spend, ",
                                                  kEnoughCases, " needed")
                                   : report->spend.VerdictText(),
                           ")"),
              parameters, report);
}

}  // namespace tenure::clv
