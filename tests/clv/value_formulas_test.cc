// The formulas of practice, against published sums and against each other.
#include "server/clv/value_formulas.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "server/clv/beta_geometric_model.h"
#include "server/clv/contract_model.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"
#include "tests/clv/shared_data.h"

namespace tenure::clv {
namespace {

// To two decimals, halves up although 22.345 is a little less in binary.
double Rounded(double value) { return std::round(value * 100 + 1e-7) / 100; }

// Weeks and mean spends as the published summary rounds them; 12 months of 4.345 weeks at 1 % a
// month.
TEST(ValueFormulas, DiscountedCashFlowOfCdnow_MatchesPublished) {
  const std::optional<Cdnow> cdnow = ReadCdnow();
  if (!cdnow) GTEST_SKIP() << kNoSharedData;
  std::vector<PurchaseRow> rows;
  std::vector<SpendRow> spends;
  for (size_t i = 0; i < cdnow->x.size(); ++i) {
    rows.push_back({cdnow->x[i], Rounded(cdnow->t_x[i]), Rounded(cdnow->T[i])});
    spends.push_back({cdnow->x[i], Rounded(cdnow->spend[i])});
  }
  const ModelFit fit = FitPurchaseModel(*FindModelKind("bg_nbd"), *Summary::Create(rows));
  const ModelFit spend = *FitGammaGamma(spends);
  ASSERT_TRUE(fit.usable() && spend.usable());
  const auto model = *CreatePurchaseModel("bg_nbd", fit.parameters);
  const GammaGamma gamma{spend.parameters[0], spend.parameters[1], spend.parameters[2]};
  const Steps months{4.345, 12, 0.01};
  double sum = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const History history{rows[i].frequency, rows[i].recency, rows[i].age};
    const double mean = gamma.ExpectedSpend(history.frequency, spends[i].mean_spend);
    sum += DiscountedCashFlow(RevenueStream(*model, history, mean, months), months.rate);
  }
  EXPECT_NEAR(sum, 71'509.90, 0.005);
}

TEST(ValueFormulas, Historical_IsTheProduct) {
  EXPECT_NEAR(HistoricalClv({50, 4, 3, 0.3}), 180, 1e-12);
}

TEST(ValueFormulas, NewCustomer_IsTheFirstPurchaseAndTheStream) {
  const BetaGeometricModel model(Dropout::kAfterRepeat, .243, 4.414, .793, 2.426);
  const Steps year{4.345, 12, 0};
  EXPECT_NEAR(NewCustomerValue(model, 35, year), 35 * (1 + model.ExpectedPurchases({}, 52.14)),
              1e-9);
  const std::vector<double> flows = RevenueStream(model, {}, 35, year);
  EXPECT_EQ(flows.size(), 12u);
  for (size_t i = 1; i < flows.size(); ++i) EXPECT_LT(flows[i], flows[i - 1]);
  EXPECT_NEAR(DiscountedCashFlow({{110, 121}}, 0.1), 200, 1e-12);
}

TEST(ValueFormulas, Equity_IsPresentAndFutureCustomers) {
  const CustomerEquity equity =
      EquityOf({{100, 50, 0}}, {.customers_per_step = 10, .value = 80, .cost = 30}, {1, 2, 0.25});
  EXPECT_NEAR(equity.present, 150, 1e-12);
  EXPECT_NEAR(equity.future, 500 / 1.25 + 500 / 1.5625, 1e-9);
  EXPECT_NEAR(equity.total(), 870, 1e-9);
}

TEST(ValueFormulas, Churn_IsOneMinusTheRatioAndStartsAtZero) {
  const BetaGeometricModel model(Dropout::kAfterEveryPurchase, .8, 6, .9, 3);
  const History history{3, 20, 30};
  EXPECT_NEAR(ChurnProbability(model, history, 0), 0, 1e-12);
  double before = 0;
  for (const double t : {1., 10., 100., 1e4}) {
    const double churn = ChurnProbability(model, history, t);
    EXPECT_GT(churn, before);
    before = churn;
  }
  // Contracts: at most the renewals that are due.
  const ContractModel contract(.7, 1.2);
  EXPECT_EQ(ChurnProbability(contract, {2, 2, 2.5}, .4), 0);
  EXPECT_NEAR(ChurnProbability(contract, {2, 2, 2.5}, 1), 1 - contract.curve().Retention(3), 1e-14);
  EXPECT_EQ(ChurnProbability(contract, {2, 2, 9}, 1), 1);
}

// NBD: the time to the next purchase is Lomax(r + x, α + T), whose mean and quantiles are known.
TEST(ValueFormulas, NextPurchase_OfNbdIsLomax) {
  const BetaGeometricModel model(Dropout::kNever, 2.5, 8);
  const History history{3, 20, 30};
  const double shape = 5.5, scale = 38, horizon = 1e5;
  const NextPurchase next = NextPurchaseWithin(model, history, horizon);
  EXPECT_NEAR(next.probability, 1, 1e-12);
  EXPECT_NEAR(next.expected_time, scale / (shape - 1), 1e-6);
  EXPECT_NEAR(NextPurchaseQuantile(model, history, .5, horizon),
              scale * (std::pow(2, 1 / shape) - 1), 1e-7);
}

TEST(ValueFormulas, NextPurchase_CountsWhoIsGoneAndWhoNeverBuys) {
  const BetaGeometricModel model(Dropout::kAfterEveryPurchase, .8, 6, .9, 3);
  const History history{3, 20, 60};
  const NextPurchase next = NextPurchaseWithin(model, history, 1e6);
  const double alive = model.PAlive(history);
  EXPECT_NEAR(next.probability / (alive * next.probability_if_alive), 1, 1e-12);
  EXPECT_NEAR(next.probability_if_alive, 1, 1e-3);  // BG: who is alive buys some day
  EXPECT_LT(NextPurchaseQuantile(model, history, .5, 1e6),
            NextPurchaseQuantile(model, history, .9, 1e6));
  EXPECT_TRUE(std::isinf(NextPurchaseQuantile(model, history, .99, 1)));
  const auto discrete = *CreatePurchaseModel("bg_bb", {1.2, .75, .66, 2.8});
  const NextPurchase at_occasion = NextPurchaseWithin(*discrete, {2, 4, 6}, 10);
  std::vector<double> first(10);
  double expected = 0, before = 1;
  for (int k = 1; k <= 10; ++k) {
    double none = 0;
    discrete->CountProbabilities({2, 4, 6}, k, {&none, 1});
    expected += k * (before - none);
    before = none;
  }
  EXPECT_NEAR(at_occasion.probability, 1 - before, 1e-14);
  EXPECT_NEAR(at_occasion.expected_time, expected / (1 - before), 1e-12);
  const ContractModel contract(.7, 1.2);
  EXPECT_TRUE(std::isnan(NextPurchaseWithin(contract, {2, 2, 9}, 5).expected_time));
}

}  // namespace
}  // namespace tenure::clv
