// Revenue streams, customer equity and historical averages: what their intervals cover.
#include "server/clv/stream_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "server/clv/gamma_gamma.h"
#include "server/clv/historical_averages.h"
#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"
#include "tests/clv/coverage.h"

namespace tenure::clv {
namespace {

const std::vector<double> kTruth = {0.8, 6, 0.9, 3};
constexpr GammaGamma kSpend = {6.25, 3.74, 15.44};
const Steps kMonths = {4.345, 12, 0.01};

struct Shop {
  std::vector<Observation> rows;
  double realised = 0;  // in the steps to come, discounted at their ends
};

double Discounted(double later, double spend) {
  const double step = std::ceil(later / kMonths.length);
  return step > kMonths.count ? 0 : spend * std::pow(1 + kMonths.rate, -step);
}

Shop Draw(uint64_t seed, uint64_t customers) {
  const Simulator simulator(*CreatePurchaseModel("mbg_nbd", kTruth), kSpend, seed);
  Shop shop;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < customers; ++i) {
    const double age = 78 - 26 * simulator.UniformOf(i, 1);
    simulator.Draw(i, age + 53, &customer);
    double x = 0, t_x = 0, spend = 0;
    for (size_t n = 1; n < customer.times.size(); ++n) {
      if (customer.times[n] > age) {
        shop.realised += Discounted(customer.times[n] - age, customer.spends[n]);
        continue;
      }
      x += 1;
      t_x = customer.times[n];
      spend += customer.spends[n];
    }
    shop.rows.push_back({x, t_x * 7, age * 7, x > 0 ? spend / x : std::nan("")});
  }
  return shop;
}

// What `customers` new ones of each step bring, less what they cost.
double DrawNew(uint64_t seed, uint64_t customers, double cost) {
  const Simulator simulator(*CreatePurchaseModel("mbg_nbd", kTruth), kSpend, seed);
  SimulatedCustomer customer;
  double sum = 0;
  for (int step = 1; step <= kMonths.count; ++step) {
    const double now = std::pow(1 + kMonths.rate, -step);
    for (uint64_t i = 0; i < customers; ++i) {
      simulator.Draw(static_cast<uint64_t>(step) * customers + i, 53, &customer);
      double value = customer.spends[0];
      for (size_t n = 1; n < customer.times.size(); ++n) {
        value += Discounted(customer.times[n], customer.spends[n]);
      }
      sum += now * (value - cost);
    }
  }
  return sum;
}

std::shared_ptr<const ValueModel> Truth() {
  ValueParameters known;
  known.model = "mbg_nbd";
  known.purchase = kTruth;
  known.spend = {kSpend.p, kSpend.q, kSpend.v};
  return *ValueModel::Create(known, {});
}

// 95 % of shops have their true value in the interval of the mean, and what comes in the other one.
TEST(StreamValuer, IntervalsOfBaseAndEquity_CoverTruthAndOutcome) {
  const StreamValuer truth = *StreamValuer::Create(*Truth(), kMonths, 1);
  const Acquisition acquisition{20, 0, 20};
  const Observation nobody{0, 0, 0, std::nan("")};
  const double to_come =
      truth.EquityOf(truth.TotalFlows({&nobody, 1}, {}), {&nobody, 1}, {}, acquisition)
          ->future.value;
  ValueOptions asked;
  asked.model = "mbg_nbd";
  const TotalOptions draws{30, 1};
  const int shops = 8;
  Coverage covered, predicted, equity_covered, equity_predicted;
  for (int shop = 0; shop < shops; ++shop) {
    const auto seed = 7'000 + static_cast<uint64_t>(shop);
    SCOPED_TRACE(seed);
    const Shop base = Draw(seed, 300);
    const auto fitted = FitValueModel(base.rows, asked);
    ASSERT_TRUE(fitted.ok());
    const StreamValuer valuer = *StreamValuer::Create(*fitted->model, kMonths, 1);
    const EquityValue equity =
        *valuer.EquityOf(valuer.TotalFlows(base.rows, {}), base.rows, {}, acquisition, draws);
    const double expected = DiscountedCashFlow(truth.TotalFlows(base.rows, {}), kMonths.rate);
    const Ranged &present = equity.present, &total = equity.total;
    covered.Add(present.mean_low, present.value, present.mean_high, expected);
    predicted.Add(present.predictive_low, present.value, present.predictive_high, base.realised);
    equity_covered.Add(total.mean_low, total.value, total.mean_high, expected + to_come);
    const double comes = base.realised + DrawNew(seed + 100'000, 20, acquisition.cost);
    equity_predicted.Add(total.predictive_low, total.value, total.predictive_high, comes);
  }
  covered.Check("the base's mean, seeds from 7000");
  predicted.Check("the base's outcome, seeds from 7000");
  equity_covered.Check("equity's mean, seeds from 7000");
  equity_predicted.Check("equity's outcome, seeds from 7000");
}

TEST(StreamValuer, NewCustomer_BringsWhatTheIntervalSays) {
  const StreamValuer truth = *StreamValuer::Create(*Truth(), kMonths, 1);
  const Observation nobody{0, 0, 0, std::nan("")};
  const Ranged one =
      truth.EquityOf(truth.TotalFlows({&nobody, 1}, {}), {&nobody, 1}, {}, {1, 0, 0})->new_customer;
  const Simulator simulator(*CreatePurchaseModel("mbg_nbd", kTruth), kSpend, 31);
  SimulatedCustomer customer;
  const int customers = 20'000;
  int inside = 0, below = 0;
  double sum = 0;
  for (int i = 0; i < customers; ++i) {
    simulator.Draw(static_cast<uint64_t>(i), 53, &customer);
    double value = customer.spends[0];
    for (size_t n = 1; n < customer.times.size(); ++n) {
      value += Discounted(customer.times[n], customer.spends[n]);
    }
    sum += value;
    inside += value >= one.predictive_low && value <= one.predictive_high;
    below += value < one.predictive_low;
  }
  EXPECT_NEAR(sum / customers / one.value, 1, 0.05) << "seed 31";
  // Its upper end is that of a Gamma with the right moments.
  EXPECT_GT(inside, 0.93 * customers) << "seed 31";
  EXPECT_LT(inside, 0.99 * customers) << "seed 31";
  EXPECT_LT(below, 0.03 * customers) << "seed 31";
}

TEST(StreamValuer, OneCustomer_IsTheStreamWithTheModelsRelativeIntervals) {
  const StreamValuer valuer = *StreamValuer::Create(*Truth(), kMonths, 0.5);
  const Observation row{3, 150, 160, 30};
  const Ranged one = valuer.Of(row);
  EXPECT_NEAR(one.value, DiscountedCashFlow(valuer.FlowsOf(row), kMonths.rate), 1e-12);
  // Parameters taken as known: the mean's interval is a point.
  EXPECT_NEAR(one.mean_low, one.value, 1e-9);
  EXPECT_NEAR(one.mean_high, one.value, 1e-9);
  EXPECT_GT(one.predictive_high, 1.5 * one.value);
  const TotalValue total = *valuer.TotalOf(valuer.TotalFlows({&row, 1}, {}), {&row, 1}, {});
  EXPECT_NEAR(total.clv, one.value, 1e-9);
  EXPECT_NEAR(total.clv_predictive_high / one.predictive_high, 1, 1e-6);
  EXPECT_FALSE(StreamValuer::Create(*Truth(), {0, 12, 0}, 1).ok());
}

TEST(StreamValuer, ManyRows_AreTheSumOfEach) {
  const Shop shop = Draw(11, 6'000);
  const StreamValuer valuer = *StreamValuer::Create(*Truth(), {4.345, 2, 0.01}, 1);
  const std::vector<double> many = valuer.TotalFlows(shop.rows, {});
  std::vector<double> sums(2, 0);
  for (const Observation& row : shop.rows) {
    const std::vector<double> flows = valuer.FlowsOf(row);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += flows[i];
  }
  for (size_t i = 0; i < sums.size(); ++i) EXPECT_NEAR(many[i] / sums[i], 1, 2e-6);
}

TEST(TotalOf, WeightsAndParts_AreTheirRows) {
  const Shop shop = Draw(12, 300);
  std::vector<Observation> twice = shop.rows;
  twice.insert(twice.end(), shop.rows.begin(), shop.rows.end());
  const std::vector<double> weights(shop.rows.size(), 2);
  ValueOptions asked;
  asked.model = "mbg_nbd";
  const auto fitted = FitValueModel(shop.rows, asked);
  ASSERT_TRUE(fitted.ok());
  const ValueModel& model = *fitted->model;
  const TotalValue rows = *TotalOf(model, twice);
  const TotalValue weighted = *TotalOf(model, shop.rows, {}, weights);
  EXPECT_EQ(rows.customers, weighted.customers);
  EXPECT_NEAR(weighted.clv / rows.clv, 1, 1e-12);
  EXPECT_NEAR(weighted.clv_mean_low / rows.clv_mean_low, 1, 1e-9);
  EXPECT_NEAR(weighted.clv_predictive_high / rows.clv_predictive_high, 1, 1e-6);
  EXPECT_FALSE(TotalOf(model, twice, {}, weights).ok());
  // Two shops of their own fits: as much luck as in one, less of the parameters' error.
  const TotalValue half = *TotalOf(model, shop.rows);
  const TotalValue both = Together(std::vector<TotalValue>{half, half});
  EXPECT_NEAR(both.clv / rows.clv, 1, 1e-12);
  EXPECT_NEAR(both.standard_error * std::sqrt(2) / rows.standard_error, 1, 1e-6);
  EXPECT_NEAR(both.luck_variance / rows.luck_variance, 1, 1e-9);
  // Of one fit, whether it was asked for them together or apart.
  const TotalValue alike = Together({}, std::vector<TotalValue>{half, half});
  EXPECT_NEAR(alike.standard_error / rows.standard_error, 1, 1e-6);
}

TEST(TotalOf, DrawsOnSomeOfTheRows_AgreeAndIgnoreTheirOrder) {
  Shop shop = Draw(13, 6'000);
  ValueOptions asked;
  asked.model = "mbg_nbd";
  const auto fitted = FitValueModel({shop.rows.data(), 1'500}, asked);
  ASSERT_TRUE(fitted.ok());
  TotalOptions all, some;
  all.draws = some.draws = 30;
  some.most_rows = 1'000;
  const double whole = TotalOf(*fitted->model, shop.rows, all)->standard_error;
  const double thinned = TotalOf(*fitted->model, shop.rows, some)->standard_error;
  EXPECT_NEAR(thinned / whole, 1, 0.1);
  std::reverse(shop.rows.begin(), shop.rows.end());
  EXPECT_NEAR(TotalOf(*fitted->model, shop.rows, some)->standard_error / thinned, 1, 1e-9);
}

// Poisson buyers with gamma rates and Gamma-Gamma spends: the true averages are known.
TEST(HistoricalAverages, Interval_CoversTheTruth) {
  const double truth = kSpend.p * kSpend.v / (kSpend.q - 1) * 0.8 / 6;
  const int shops = 200;
  int covered = 0;
  for (int shop = 0; shop < shops; ++shop) {
    const auto seed = 9'000 + static_cast<uint64_t>(shop);
    const Simulator simulator(*CreatePurchaseModel("nbd", std::vector<double>{0.8, 6}), kSpend,
                              seed);
    SimulatedCustomer customer;
    HistoricalAverages averages;
    for (uint64_t i = 0; i < 400; ++i) {
      const double age = 78 - 26 * simulator.UniformOf(i, 1);
      simulator.Draw(i, age, &customer);
      double spend = 0;
      const auto x = static_cast<double>(customer.times.size() - 1);
      for (size_t n = 1; n < customer.times.size(); ++n) spend += customer.spends[n];
      averages.Add(x, age, x > 0 ? spend / x : 0);
    }
    const double product = averages.AveragePurchase() * averages.PurchasesPerPeriod();
    const double error = averages.LogStandardError(true, true);
    covered += std::abs(std::log(product / truth)) <= 1.96 * error;
  }
  // Three standard errors of 200 tries are 4.6 %; heavy spenders leave the interval a little short.
  EXPECT_GE(covered, 0.90 * shops) << "seeds 9000 to 9199";
  EXPECT_LE(covered, 0.99 * shops) << "seeds 9000 to 9199";
}

TEST(HistoricalAverages, NobodyOrOne_HaveNoError) {
  HistoricalAverages averages;
  EXPECT_TRUE(std::isnan(averages.AveragePurchase()));
  EXPECT_TRUE(std::isnan(averages.PurchasesPerPeriod()));
  averages.Add(2, 30, 12);
  EXPECT_NEAR(averages.AveragePurchase(), 12, 1e-12);
  EXPECT_TRUE(std::isnan(averages.LogStandardError(true, true)));
}

}  // namespace
}  // namespace tenure::clv
