// Our own products, series and quadratures where library functions and closed forms give out. Each
// reference is found in another way: sums in long double, a continued fraction, or quadrature to 40
// digits.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "server/clv/beta_geometric_model.h"
#include "server/clv/beta_mean.h"
#include "server/clv/pareto_nbd_model.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

// ln Γ(c + n) − ln Γ(c) = Σ_(i<n) ln(c + i), by the recurrence of Γ (DLMF 5.5.1).
double RisingBySum(long double c, int n) {
  long double sum = 0;
  for (int i = 0; i < n; ++i) sum += std::log(c + static_cast<long double>(i));
  return static_cast<double>(sum);
}

TEST(LogRising, LargeArgument_HoldsWhereTheDifferenceOfLgammaFails) {
  constexpr double kLarge = 1e10;
  double worst_difference = 0, worst_slope = 0;
  for (const int n : {1, 2, 3, 7, 30, 100}) {
    const double exact = RisingBySum(kLarge, n);
    const Rising rising = LogRising(kLarge, n);
    EXPECT_NEAR(rising.log / exact, 1, 1e-15) << n;
    EXPECT_EQ(LogRisingValue(kLarge, n), rising.log) << n;
    // Σ 1/(c + i) = n/c − n (n−1)/(2 c²) + …
    const double slope = n / kLarge - 0.5 * n * (n - 1) / (kLarge * kLarge);
    EXPECT_NEAR(rising.d1 / slope, 1, 1e-14) << n;
    EXPECT_NEAR(rising.d2 * kLarge * kLarge / -n, 1, 1e-7) << n;
    const double difference = std::lgamma(kLarge + n) - std::lgamma(kLarge);
    worst_difference = std::max(worst_difference, std::abs(difference - exact));
    // As a fit would see the slope of it by differences.
    const double step = 1e-5 * kLarge;
    const double up = std::lgamma(kLarge + step + n) - std::lgamma(kLarge + step);
    const double down = std::lgamma(kLarge - step + n) - std::lgamma(kLarge - step);
    worst_slope = std::max(worst_slope, std::abs((up - down) / (2 * step) / slope - 1));
  }
  EXPECT_GT(worst_difference, 1e-6);  // two logs of 2e11 have four decimals left
  EXPECT_GT(worst_slope, 1e-4);
}

TEST(LogRising, OrdinaryAndManyFactors_AreTheirSum) {
  for (const double c : {1e-3, 0.243, 4.5, 60.}) {
    for (const int n : {0, 1, 5, 100, 101, 5'000}) {
      const double exact = RisingBySum(c, n);
      EXPECT_NEAR(LogRisingValue(c, n), exact, 1e-13 * (1 + std::abs(exact))) << c << " " << n;
    }
  }
  // Beyond 100 factors it is a difference again, of arguments that fits can reach.
  EXPECT_NEAR(LogRisingValue(std::exp(14), 1'000), RisingBySum(std::exp(14.L), 1'000), 1e-7);
}

TEST(BetaMean, SurvivalOfALargeB_HoldsWhereLogsOfBetaCancel) {
  constexpr double kA = 0.5, kB = 1e10;
  double worst = 0;
  for (const int k : {3, 64, 1'000, 100'000}) {
    long double log = 0;
    for (int i = 0; i < k; ++i) log += std::log1p(-kA / (kA + kB + static_cast<long double>(i)));
    EXPECT_NEAR(LogBetaSurvival(kA, kB, k), static_cast<double>(log), 1e-13) << k;
    EXPECT_NEAR(BetaSurvival(kA, kB, k), static_cast<double>(std::exp(log)), 1e-13) << k;
    const double logs =
        std::lgamma(kB + k) - std::lgamma(kA + kB + k) + std::lgamma(kA + kB) - std::lgamma(kB);
    worst = std::max(worst, std::abs(logs - static_cast<double>(log)));
  }
  EXPECT_GT(worst, 1e-6);
}

TEST(BetaMean, DiscountedLifetime_HoldsForAnyRate) {
  // ₂F₁(1, b; a+b; e^(−rate)) by its series (DLMF 15.2.1).
  for (const double rate : {1., 0.1, 1e-3}) {
    const double a = 0.668, b = 3.806;
    long double sum = 0, term = 1;
    for (int k = 0; term > 1e-22L; ++k) {
      sum += term;
      term *= std::exp(-static_cast<long double>(rate)) * (b + k) / (a + b + k);
    }
    EXPECT_NEAR(BetaDiscountedLifetime(a, b, rate) / static_cast<double>(sum), 1, 1e-12) << rate;
  }
  // Uniform θ: −e^rate ln(1 − e^(−rate)) (DLMF 15.4.1), whose 1 − e^(−rate) cancels if written so.
  for (const double rate : {1., 1e-3, 1e-9, 1e-15}) {
    const double exact = -std::exp(rate) * std::log(-std::expm1(-rate));
    EXPECT_NEAR(BetaDiscountedLifetime(1, 1, rate) / exact, 1, 1e-11) << rate;
  }
  EXPECT_GT(std::abs(std::log(1 - std::exp(-1e-15)) / std::log(1e-15) - 1), 1e-5);
}

// E[X(t)] of a new customer, Fader, Hardie, Lee 2005, equation 9, ₂F₁ by its series.
double BgNbdClosedForm(double r, double alpha, double a, double b, double t) {
  const double z = t / (alpha + t);
  double sum = 0, term = 1;
  for (int k = 0; k < 10'000 && std::abs(term) > 1e-18; ++k) {
    sum += term;
    term *= (r + k) * (b + k) / ((a + b - 1 + k) * (1 + k)) * z;
  }
  return (a + b - 1) / (a - 1) * (1 - std::pow(alpha / (alpha + t), r) * sum);
}

TEST(BgNbdExpectation, PoleAtAEqualsOne_HasItsLimit) {
  constexpr double kR = .243, kAlpha = 4.414, kB = 2.426;
  // E[(1 − (α/(α + p t))^r)/p] over p ~ Beta(a, b), by quadrature to 40 digits.
  const BetaGeometricModel pole(Dropout::kAfterRepeat, kR, kAlpha, 1, kB);
  EXPECT_NEAR(pole.ExpectedPurchases({}, 1), .0529470206700344922, 1e-15);
  EXPECT_NEAR(pole.ExpectedPurchases({}, 52), 1.28998825248406882, 1e-13);
  EXPECT_FALSE(std::isfinite(BgNbdClosedForm(kR, kAlpha, 1, kB, 52)));
  double worst = 0;
  for (const double off : {1e-14, -1e-14, 1e-12, -1e-12, 1e-10, -1e-10}) {
    const BetaGeometricModel near(Dropout::kAfterRepeat, kR, kAlpha, 1 + off, kB);
    EXPECT_NEAR(near.ExpectedPurchases({}, 52), 1.28998825248406882, std::abs(off) + 1e-13);
    worst = std::max(worst, std::abs(BgNbdClosedForm(kR, kAlpha, 1 + off, kB, 52) - 1.28998825));
  }
  EXPECT_GT(worst, 1e-4);
}

TEST(BgNbdExpectation, TinyTime_HoldsWhereTheClosedFormCancels) {
  constexpr double kR = .243, kAlpha = 4.414, kA = .793, kB = 2.426;
  const BetaGeometricModel model(Dropout::kAfterRepeat, kR, kAlpha, kA, kB);
  EXPECT_NEAR(BgNbdClosedForm(kR, kAlpha, kA, kB, 52), 1.44605059539640374, 1e-12);
  double worst = 0;
  for (const double t : {1e-9, 3e-9, 7e-9, 1e-12}) {
    // E[λ] t − E[λ² p] t²/2 + …
    const double exact = kR / kAlpha * t * (1 - (kR + 1) / kAlpha * kA / (kA + kB) * t / 2);
    EXPECT_NEAR(model.ExpectedPurchases({}, t) / exact, 1, 1e-14) << t;
    worst = std::max(worst, std::abs(BgNbdClosedForm(kR, kAlpha, kA, kB, t) / exact - 1));
  }
  EXPECT_GT(worst, 1e-6);
}

// z^(s−1) e^z Γ(1−s, z) by its continued fraction (DLMF 8.9.2), from its tail.
double TailByFraction(long double s, long double z) {
  long double fraction = 0;
  for (int k = 20'000; k > 0; --k) {
    fraction = static_cast<long double>(k) * (s + k - 1) / (z + s + 2 * k - fraction);
  }
  return static_cast<double>(1 / (z + s - fraction));
}

TEST(ParetoNbdTail, LargeZ_HoldsWhereTheClosedFormOverflows) {
  constexpr double kR = .5534, kAlpha = 10.5802, kBeta = 11.6562;
  const History history{2, 30.43, 38.86};
  using Quiet = boost::math::policies::policy<
      boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
      boost::math::policies::underflow_error<boost::math::policies::ignore_error>>;
  for (const double s : {.3, .6061}) {
    const ParetoNbdModel model(kR, kAlpha, s, kBeta);
    const double scale = kBeta + history.age;
    const double rate = model.PAlive(history) * (kR + history.frequency) / (kAlpha + history.age);
    for (const double z : {0.5, 10., 300., 700., 800., 1e4, 1e8}) {
      // DERT = P(alive) E[λ] ∫ e^(−δu) (1 + u/(β+T))^(−s) du with z = δ (β+T).
      const double ours = model.ExpectedDiscounted(history, z / scale) / (rate * scale);
      EXPECT_NEAR(ours / TailByFraction(s, z), 1, 1e-11) << s << " " << z;
      const double closed =
          std::pow(z, s - 1) * std::exp(z) * boost::math::tgamma(1 - s, z, Quiet());
      if (z <= 300) {
        EXPECT_NEAR(closed / ours, 1, 1e-10) << s << " " << z;
      } else if (z >= 800) {
        EXPECT_FALSE(std::isfinite(closed)) << s << " " << z;
      }
    }
  }
}

}  // namespace
}  // namespace tenure::clv
