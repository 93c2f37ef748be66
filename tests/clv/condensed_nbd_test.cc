// (M)BG/CNBD-k: against k = 1, which is (M)BG/NBD, against differences, and against simulation.
#include "server/clv/condensed_nbd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/clv/alive_process.h"
#include "server/clv/beta_geometric.h"
#include "server/clv/condensed_nbd_model.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/simulate.h"
#include "tests/clv/finite_differences.h"

namespace tenure::clv {
namespace {

constexpr Dropout kDropouts[] = {Dropout::kNever, Dropout::kAfterRepeat,
                                 Dropout::kAfterEveryPurchase};

Summary Histories() {
  const std::vector<PurchaseRow> rows = {
      {0, 0, 30, 2, 0},     {0, 0, 4, 1, 0},    {1, 3, 30, 1, 1.1},    {2, 20, 39, 1.5, 4.6},
      {7, 38, 39, 1, 11.5}, {3, 5, 35, 1, 1.2}, {60, 30, 39, 1, -45.}, {12, 12, 12, 1, -1}};
  return *Summary::Create(rows);
}

TEST(CondensedNbd, Derivatives_EqualFiniteDifferences) {
  const Summary summary = Histories();
  for (const Dropout dropout : kDropouts) {
    for (int k : {1, 2, 5}) {
      SCOPED_TRACE(testing::Message() << CondensedName(dropout, k));
      ExpectDerivatives(
          [&](const Vector& at) { return CondensedNbdLogLikelihood(summary, dropout, k, at); },
          {.6, .4, .8, 2.4}, dropout == Dropout::kNever ? 2 : 4);
    }
  }
}

TEST(CondensedNbd, OneStage_IsBgAndMbgNbd) {
  const Summary summary = Histories();
  const Vector at = {.6, .4, .8, 2.4};
  EXPECT_NEAR(CondensedNbdLogLikelihood(summary, Dropout::kAfterRepeat, 1, at).value,
              BetaGeometricLogLikelihood(summary, Dropout::kAfterRepeat, at).value, 1e-9);
  EXPECT_NEAR(CondensedNbdLogLikelihood(summary, Dropout::kAfterEveryPurchase, 1, at).value,
              BetaGeometricLogLikelihood(summary, Dropout::kAfterEveryPurchase, at).value, 1e-9);
}

TEST(CondensedNbd, OneRow_IsTheModelsLikelihoodAndItsIntervals) {
  const CondensedNbdModel model(Dropout::kAfterEveryPurchase, 3, .6, 4, .8, 2.4);
  const std::vector<PurchaseRow> row = {{4, 22, 31, 1, 5.5}};
  const Summary summary = Summary::Create(row)->Unscaled();
  EXPECT_NEAR(
      CondensedNbdLogLikelihood(summary, Dropout::kAfterEveryPurchase, 3, {.6, 4, .8, 2.4}).value,
      model.RowLogLikelihood({4, 22, 31}) + 2 * 5.5, 1e-9);
}

// k = 1 of the future is AliveProcess, whose integrals are exact to 1e-8.
TEST(CondensedFuture, OneStage_IsTheAliveProcess) {
  for (const AliveProcess process : {AliveProcess{2.5, 40, .8, 5.4}, AliveProcess{60, 45, .9, 62},
                                     AliveProcess{.6, 12, .9, 1.6}, AliveProcess{7, 30, 0, 1}}) {
    const CondensedFuture future{1, process.shape, process.rate, process.a, process.b, 0};
    EXPECT_NEAR(future.ExpectedCount(39) / process.ExpectedCount(39), 1, 1e-9);
    EXPECT_NEAR(future.StillThere(39) / process.StillThere(39), 1, 1e-9);
    EXPECT_NEAR(future.LogNoPurchase(39), process.LogNoPurchase(39), 1e-12);
    const TimeGrid grid = TimeGrid::Over(4, 52, 0.0018, process.rate);
    const Outlook ours = future.OutlookOver(grid), theirs = process.OutlookOver(grid);
    EXPECT_NEAR(ours.count / theirs.count, 1, 1e-6);
    EXPECT_NEAR(ours.value / theirs.value, 1, 1e-6);
    EXPECT_NEAR(ours.squares / theirs.squares, 1, 1e-6);
    EXPECT_NEAR(ours.pairs / theirs.pairs, 1, 1e-3);
    EXPECT_NEAR(ours.at_risk, theirs.at_risk, 1e-3 * theirs.at_risk);
    EXPECT_NEAR(future.ValueOver(grid) / theirs.value, 1, 1e-6);
  }
}

TEST(CondensedFuture, CountProbabilities_SumToOneAndToTheMean) {
  for (int k : {2, 4}) {
    const CondensedFuture future{k, 9.5, 30, .8, 5.4, .3};
    std::vector<double> probabilities(400);
    future.CountProbabilities(60, absl::MakeSpan(probabilities));
    double sum = 0, mean = 0;
    for (size_t n = 0; n < probabilities.size(); ++n) {
      sum += probabilities[n];
      mean += static_cast<double>(n) * probabilities[n];
    }
    EXPECT_NEAR(sum, 1, 1e-9);
    EXPECT_NEAR(mean / future.ExpectedCount(60), 1, 1e-7);
    EXPECT_NEAR(std::log(probabilities[0]), future.LogNoPurchase(60), 1e-9);
  }
}

// Regular buyers' next purchases can be told apart: the integrals must not miss them.
TEST(CondensedFuture, RegularBuyer_HasItsExactCount) {
  for (int k : {2, 6, 12}) {
    for (double shape : {8., 60., 600.}) {
      const CondensedFuture future{k, shape, shape, .8, 20, .1};
      const TimeGrid grid = TimeGrid::Over(4, 52, 0.0018, future.rate);
      EXPECT_NEAR(future.OutlookOver(grid).count / future.ExpectedCount(52), 1, 2e-4)
          << "k " << k << " shape " << shape;
    }
  }
}

std::vector<PurchaseRow> Simulated(const PurchaseModel& truth, uint64_t seed, uint64_t customers) {
  const Simulator simulator(*CreatePurchaseModel(truth.name(), truth.parameters()), GammaGamma(),
                            seed);
  std::vector<PurchaseRow> rows;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < customers; ++i) {
    const double age = 78 - 26 * simulator.UniformOf(i, 1);
    simulator.Draw(i, age, &customer);
    PurchaseRow row{static_cast<double>(customer.times.size() - 1), customer.times.back(), age, 1,
                    0};
    for (size_t n = 1; n < customer.times.size(); ++n) {
      row.log_intervals += std::log(customer.times[n] - customer.times[n - 1]);
    }
    rows.push_back(row);
  }
  return rows;
}

TEST(CondensedNbd, SimulatedRegularBuyers_GiveTheirParametersAndKBack) {
  for (uint64_t seed : {1, 2}) {
    const CondensedNbdModel truth(Dropout::kAfterEveryPurchase, 3, 0.8, 4, 0.9, 3);
    const Summary summary = *Summary::Create(Simulated(truth, seed, 4000));
    const ModelFit fit = FitPurchaseModel(*FindModelKind("mbg_cnbd_3"), summary);
    ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText() << " seed " << seed;
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(fit.parameters[i], truth.parameters()[i], 3.5 * fit.standard_errors[i])
          << fit.parameter_names[i] << " seed " << seed;
    }
    const RegularFit regular = FitRegular(Dropout::kAfterEveryPurchase, summary);
    EXPECT_EQ(regular.k, 3) << "seed " << seed;
    EXPECT_EQ(regular.fit.model, "mbg_cnbd_3");
  }
}

TEST(CondensedNbd, WithoutIntervals_SaysThatTheyAreMissing) {
  const std::vector<PurchaseRow> rows = {{2, 20, 39}, {0, 0, 10}};
  const ModelFit fit = FitPurchaseModel(*FindModelKind("mbg_cnbd_2"), *Summary::Create(rows));
  EXPECT_EQ(fit.verdict, Verdict::kNotIdentified);
  EXPECT_NE(fit.explanation.find("log_intervals"), std::string::npos) << fit.explanation;
}

}  // namespace
}  // namespace tenure::clv
