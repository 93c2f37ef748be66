#include "server/clv/gamma_gamma.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

// Sorted by frequency and spend, identical rows grouped.
absl::StatusOr<std::vector<SpendRow>> Grouped(absl::Span<const SpendRow> rows) {
  std::vector<SpendRow> sorted;
  for (size_t i = 0; i < rows.size(); ++i) {
    const SpendRow& row = rows[i];
    if (!std::isfinite(row.frequency) || row.frequency < 0 || !(row.weight > 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("row ", i, ": frequency must be 0 or more and the weight above 0"));
    }
    if (row.frequency == 0) continue;
    if (!IsSpend(row.mean_spend)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "row ", i, ": the mean spend must be above 0 and at most 9.2e12, not ", row.mean_spend,
          "; leave out refunds and free orders, or correct the amounts"));
    }
    sorted.push_back(row);
  }
  if (sorted.empty()) {
    return absl::InvalidArgumentError("no row has a repeat purchase; spend can't be fitted");
  }
  const auto key = [](const SpendRow& row) {
    return std::tuple(row.frequency, row.mean_spend, row.weight);
  };
  std::sort(sorted.begin(), sorted.end(),
            [&](const SpendRow& l, const SpendRow& r) { return key(l) < key(r); });
  size_t kept = 0;
  for (const SpendRow& row : sorted) {
    if (kept > 0 && sorted[kept - 1].frequency == row.frequency &&
        sorted[kept - 1].mean_spend == row.mean_spend) {
      sorted[kept - 1].weight += row.weight;
    } else {
      sorted[kept++] = row;
    }
  }
  sorted.resize(kept);
  return sorted;
}

}  // namespace

double GammaGamma::RowLogLikelihood(double frequency, double mean_spend) const {
  const double k = p * frequency;
  return LogGamma(k + q) - LogGamma(k) - LogGamma(q) + q * std::log(v) +
         (k - 1) * std::log(mean_spend) + k * std::log(frequency) -
         (k + q) * std::log(v + frequency * mean_spend);
}

double GammaGamma::ExpectedSpend(double frequency, double mean_spend) const {
  const double weight = p * frequency + q - 1;
  if (weight <= 0) return std::numeric_limits<double>::infinity();
  return p * (v + (frequency > 0 ? frequency * mean_spend : 0)) / weight;
}

Evaluation GammaGammaLogLikelihood(absl::Span<const SpendRow> rows, const Vector& parameters) {
  const double p = parameters[0];
  const double q = parameters[1];
  const double v = parameters[2];
  const double log_v = std::log(v);
  const Rising at_q = GammaDerivatives(q);
  Rising at_k{};
  Rising at_kq{};
  double of = -1;
  Evaluation sum;
  Vector& g = sum.gradient;
  Matrix& h = sum.hessian;
  for (const SpendRow& row : rows) {
    const double x = row.frequency;
    const double k = p * x;
    if (x != of) {
      at_k = GammaDerivatives(k);
      at_kq = GammaDerivatives(k + q);
      of = x;
    }
    const double w = row.weight;
    const double all = v + x * row.mean_spend;
    const double log_all = std::log(all);
    const double log_m = std::log(row.mean_spend);
    const double log_x = std::log(x);
    sum.value += w * (at_kq.log - at_k.log - at_q.log + q * log_v + (k - 1) * log_m + k * log_x -
                      (k + q) * log_all);
    g[0] += w * x * (at_kq.d1 - at_k.d1 + log_m + log_x - log_all);
    g[1] += w * (at_kq.d1 - at_q.d1 + log_v - log_all);
    g[2] += w * (q / v - (k + q) / all);
    h[0][0] += w * x * x * (at_kq.d2 - at_k.d2);
    h[0][1] += w * x * at_kq.d2;
    h[0][2] += -w * x / all;
    h[1][1] += w * (at_kq.d2 - at_q.d2);
    h[1][2] += w * (1 / v - 1 / all);
    h[2][2] += w * ((k + q) / (all * all) - q / (v * v));
  }
  h[1][0] = h[0][1];
  h[2][0] = h[0][2];
  h[2][1] = h[1][2];
  return sum;
}

absl::StatusOr<ModelFit> FitGammaGamma(absl::Span<const SpendRow> rows, const Prior* prior) {
  TENURE_ASSIGN_OR_RETURN(std::vector<SpendRow> grouped, Grouped(rows));
  double weight = 0;
  double spend = 0;
  for (const SpendRow& row : grouped) {
    weight += row.weight;
    spend += row.weight * row.mean_spend;
  }
  // In units of the mean spend: fits don't depend on the currency's size.
  const double unit = spend / weight;
  for (SpendRow& row : grouped) row.mean_spend /= unit;
  std::optional<LogPrior> before;
  if (prior != nullptr) before = LogPrior::Of(*prior, {1, 1, unit});
  const auto likelihood_at = [&](const Point& logs) {
    const Vector parameters = {std::exp(logs[0]), std::exp(logs[1]), std::exp(logs[2])};
    Evaluation at = GammaGammaLogLikelihood(grouped, parameters);
    at.ToLogs(parameters, 3);
    return Surface::Of(at, 3);
  };
  const Maximum best = Maximize(
      [&](const Point& logs) {
        Surface surface = likelihood_at(logs);
        if (before) before->AddTo(logs, &surface);
        return surface;
      },
      before ? before->Start() : Point{std::log(2), std::log(3), 0}, weight);
  ModelFit fit = Describe("gamma_gamma", {"p", "q", "v"}, best);
  if (before && std::isfinite(fit.log_likelihood))
    fit.log_likelihood = likelihood_at(best.at).value;
  fit.parameters[2] *= unit;
  if (!fit.standard_errors.empty()) fit.standard_errors[2] *= unit;
  fit.log_likelihood -= weight * std::log(unit);
  fit.rows = static_cast<int64_t>(rows.size());
  fit.distinct_rows = static_cast<int64_t>(grouped.size());
  if (fit.usable() && fit.parameters[1] <= 1) {
    fit.verdict = Verdict::kNotIdentified;
    fit.explanation =
        "the population's mean spend: q <= 1, so that the fitted spread of spends has no mean";
  }
  return fit;
}

double FrequencySpendCorrelation(absl::Span<const SpendRow> rows) {
  double n = 0, x = 0, m = 0;
  for (const SpendRow& row : rows) {
    n += row.weight;
    x += row.weight * row.frequency;
    m += row.weight * row.mean_spend;
  }
  double xx = 0, mm = 0, xm = 0;
  for (const SpendRow& row : rows) {
    const double dx = row.frequency - x / n;
    const double dm = row.mean_spend - m / n;
    xx += row.weight * dx * dx;
    mm += row.weight * dm * dm;
    xm += row.weight * dx * dm;
  }
  return xx > 0 && mm > 0 ? xm / std::sqrt(xx * mm) : 0;
}

}  // namespace tenure::clv
