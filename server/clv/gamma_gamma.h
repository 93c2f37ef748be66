// Gamma-Gamma (Fader, Hardie 2013, The Gamma-Gamma model of monetary value, note 025; first
// Colombo, Jiang 1999): the spend of each purchase is Gamma(p, ν) and ν ~ Gamma(q, v) over
// customers, independent of how often they buy. Equations are the note's.
#ifndef TENURE_SERVER_CLV_GAMMA_GAMMA_H_
#define TENURE_SERVER_CLV_GAMMA_GAMMA_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/evaluation.h"
#include "server/clv/fit_report.h"

namespace tenure::clv {

struct Prior;  // log_prior.h

// One customer, or `weight` alike: the mean spend of `frequency` purchases.
struct SpendRow {
  double frequency;
  double mean_spend;
  double weight = 1;
};

// Whether it can be a mean spend: positive, and no more than money's micros hold.
inline bool IsSpend(double spend) { return spend > 0 && spend <= 9.2e12; }

struct GammaGamma {
  double p = 0;
  double q = 0;
  double v = 0;

  // ln f(mean_spend | frequency), equation 1a; both positive. Thread-safe, as all here.
  double RowLogLikelihood(double frequency, double mean_spend) const;
  // E[M | data] = p (v + x m) / (p x + q − 1), equation 5; at x = 0 the population's, equation 3.
  // With p x + q <= 1 there is no mean: +infinity.
  double ExpectedSpend(double frequency, double mean_spend) const;
};

// Log-likelihood at (p, q, v) by equation 1a, derivatives by them; rows sorted by frequency are
// fastest.
Evaluation GammaGammaLogLikelihood(absl::Span<const SpendRow> rows, const Vector& parameters);

// Maximum likelihood over the rows with a frequency above 0, with a prior of p, q and v the maximum
// of likelihood times prior. INVALID_ARGUMENT naming the row whose mean spend isn't positive, or
// when no row has a repeat purchase.
absl::StatusOr<ModelFit> FitGammaGamma(absl::Span<const SpendRow> rows,
                                       const Prior* prior = nullptr);

// Pearson's correlation of frequency and mean spend, weighted; 0 where either is constant.
double FrequencySpendCorrelation(absl::Span<const SpendRow> rows);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_GAMMA_GAMMA_H_
