#include <gtest/gtest.h>

#include <vector>

#include "server/clv/beta_bernoulli.h"
#include "server/clv/beta_discrete_weibull.h"
#include "server/clv/beta_geometric.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/nbd.h"
#include "server/clv/pareto_nbd.h"
#include "server/clv/shifted_beta_geometric.h"
#include "tests/clv/finite_differences.h"

namespace tenure::clv {
namespace {

Summary Histories() {
  const std::vector<PurchaseRow> rows = {{0, 0, 30, 2},    {0, 0, 4},    {1, 3, 30},
                                         {2, 20, 39, 1.5}, {7, 38, 39},  {3, 5, 35},
                                         {150, 30, 39},    {12, 12, 12}, {1, 0, 20}};
  return *Summary::Create(rows);
}

TEST(Gradient, Nbd_EqualsFiniteDifferences) {
  const Summary summary = Histories();
  ExpectDerivatives([&](const Vector& at) { return NbdLogLikelihood(summary, at); }, {.6, .4}, 2);
}

TEST(Gradient, BgNbd_EqualsFiniteDifferences) {
  const Summary summary = Histories();
  for (const Vector& at : {Vector{.6, .4, .8, 2.4}, Vector{2, 2, 1, .3}}) {
    ExpectDerivatives(
        [&](const Vector& p) {
          return BetaGeometricLogLikelihood(summary, Dropout::kAfterRepeat, p);
        },
        at, 4);
  }
}

TEST(Gradient, MbgNbd_EqualsFiniteDifferences) {
  const Summary summary = Histories();
  for (const Vector& at : {Vector{.6, .4, .8, 2.4}, Vector{2, 2, 1, .3}}) {
    ExpectDerivatives(
        [&](const Vector& p) {
          return BetaGeometricLogLikelihood(summary, Dropout::kAfterEveryPurchase, p);
        },
        at, 4);
  }
}

TEST(Gradient, ParetoNbd_EqualsFiniteDifferences) {
  const Summary summary = Histories();
  for (const Vector& at : {Vector{.6, .4, .8, 2.4}, Vector{2, 2, 1, .3}, Vector{.5, 1, .3, 1},
                           Vector{30, 20, 9, 40}}) {
    ExpectDerivatives([&](const Vector& p) { return ParetoNbdLogLikelihood(summary, p); }, at, 4);
  }
}

TEST(Gradient, GammaGamma_EqualsFiniteDifferences) {
  const std::vector<SpendRow> rows = {{1, 20}, {1, 3, 2}, {2, 35}, {7, 11}, {200, 30}};
  ExpectDerivatives([&](const Vector& at) { return GammaGammaLogLikelihood(rows, at); },
                    {6, 3.5, 15}, 3);
}

TEST(Gradient, BgBb_EqualsFiniteDifferences) {
  const std::vector<PurchaseRow> rows = {{0, 0, 6, 2},  {0, 0, 1},       {1, 3, 6},
                                         {6, 6, 6},     {2, 4, 9, 1.5},  {40, 60, 200},
                                         {1, 1, 60, 3}, {150, 150, 150}, {7, 90, 90}};
  const Summary summary = Summary::Create(rows)->Unscaled();
  for (const Vector& at : {Vector{1.2, .7, .6, 2.8}, Vector{.3, 5, 2, 40}}) {
    ExpectDerivatives([&](const Vector& p) { return BetaBernoulliLogLikelihood(summary, p); }, at,
                      4);
    ExpectDerivatives([&](const Vector& p) { return BetaBinomialLogLikelihood(summary, p); }, at,
                      2);
  }
}

TEST(Gradient, SbgAndBdw_EqualFiniteDifferences) {
  const std::vector<RenewalTally> tally = {{60, 40}, {45, 15}, {40, 0}, {30, 5}, {0, 2}};
  for (const Vector& at : {Vector{.7, 1.2, 1.3}, Vector{4, 20, .6}}) {
    ExpectDerivatives([&](const Vector& p) { return ShiftedBetaGeometricLogLikelihood(tally, p); },
                      at, 2);
    ExpectDerivatives([&](const Vector& p) { return BetaDiscreteWeibullLogLikelihood(tally, p); },
                      at, 3);
  }
}

}  // namespace
}  // namespace tenure::clv
