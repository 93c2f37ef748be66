// What is asked of every model of purchases, each against simulated customers or against the others
// of its own quantities: likelihood by row, priors, P(alive) later, customers without a history,
// everything to come discounted, silence and rhythm, totals with intervals.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "server/base/hash.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/total_value.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

constexpr uint64_t kSeed = 20261122;

struct Case {
  std::string model;
  std::vector<double> truth;
  double shortest, longest;  // observed so long; in occasions or periods where those are counted
};

void PrintTo(const Case& each, std::ostream* out) { *out << each.model; }

const std::vector<Case> kCases = {
    {"nbd", {0.8, 6}, 26, 52},
    {"bg_nbd", {0.8, 6, 0.9, 3}, 26, 52},
    {"mbg_nbd", {0.8, 6, 0.9, 3}, 26, 52},
    {"cnbd_3", {0.8, 3}, 26, 52},
    {"bg_cnbd_2", {0.8, 3, 0.9, 3}, 26, 52},
    {"mbg_cnbd_2", {0.8, 3, 0.9, 3}, 26, 52},
    {"pareto_nbd", {0.8, 6, 0.8, 20}, 26, 52},
    {"beta_binomial", {1.2, 0.75}, 8, 8},
    {"bg_bb", {1.2, 0.75, 0.66, 2.8}, 8, 8},
    {"sbg", {0.7, 1.2}, 4.5, 4.5},
    {"bdw", {0.7, 1.2, 1.4}, 4.5, 4.5},
};

// Sums of differences whose expectation is 0, against their standard errors; rounding alone has
// none.
class Differences {
 public:
  void Add(double actual, double expected) {
    sum_ += actual - expected;
    squares_ += (actual - expected) * (actual - expected);
  }
  double StandardErrors() const { return squares_ > 1e-9 ? sum_ / std::sqrt(squares_) : 0; }

 private:
  double sum_ = 0, squares_ = 0;
};

class Asked : public ::testing::TestWithParam<Case> {
 protected:
  std::shared_ptr<const PurchaseModel> model() const {
    return *CreatePurchaseModel(GetParam().model, GetParam().truth);
  }
  static ModelKind kind() { return *FindModelKind(GetParam().model); }
  bool MayLeave() const { return kind().parameters.size() > 2 || GetParam().model == "sbg"; }

  double AgeOf(Random* random) const {
    const Case& each = GetParam();
    return each.shortest + (each.longest - each.shortest) * random->Uniform();
  }
  static History HistoryAt(const Life& life, double age) {
    const auto end = std::upper_bound(life.times.begin(), life.times.end(), age);
    return {static_cast<double>(end - life.times.begin() - 1), *(end - 1), age};
  }
  std::vector<PurchaseRow> Rows(int customers) const {
    const auto drawn = model();
    Random random(kSeed);
    Life life;
    std::vector<PurchaseRow> rows;
    for (int i = 0; i < customers; ++i) {
      const double age = AgeOf(&random);
      drawn->Draw(age, &random, &life);
      const History h = HistoryAt(life, age);
      PurchaseRow row{h.frequency, h.recency, h.age, 1.0 + i % 3, 0};
      for (size_t n = 1; n < life.times.size(); ++n) {
        row.log_intervals += std::log(life.times[n] - life.times[n - 1]);
      }
      rows.push_back(row);
    }
    return rows;
  }
  // Σ of the rows' own, with the term of the intervals that histories don't have.
  double SumOfRows(const ModelFit& fit, const std::vector<PurchaseRow>& rows) const {
    const auto fitted = *CreatePurchaseModel(fit.model, fit.parameters);
    double sum = 0;
    for (const PurchaseRow& row : rows) {
      sum += row.weight * fitted->RowLogLikelihood({row.frequency, row.recency, row.age});
      sum += row.weight * (kind().regularity - 1) * row.log_intervals;
    }
    return sum;
  }
};

INSTANTIATE_TEST_SUITE_P(Models, Asked, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.model; });

TEST(AskedCases, HaveEveryModel) {
  for (const std::string& name : ModelNames()) {
    const bool is_any = name.ends_with("_k");
    const std::string family = is_any ? name.substr(0, name.size() - 1) : name;
    EXPECT_TRUE(std::any_of(kCases.begin(), kCases.end(), [&](const Case& each) {
      return is_any ? each.model.starts_with(family) : each.model == name;
    })) << name;
  }
}

TEST_P(Asked, RowLogLikelihoods_SumToTheFits) {
  const std::vector<PurchaseRow> rows = Rows(500);
  const ModelFit fit = FitPurchaseModel(kind(), *Summary::Create(rows));
  ASSERT_TRUE(fit.usable()) << fit.VerdictText();
  EXPECT_NEAR(SumOfRows(fit, rows) / fit.log_likelihood, 1, 1e-10);
}

TEST_P(Asked, NarrowPrior_HoldsAndTheLikelihoodStaysThatOfTheData) {
  const std::vector<PurchaseRow> rows = Rows(500);
  const size_t size = GetParam().truth.size();
  Prior prior{GetParam().truth, SquareMatrix(size)};
  for (double& each : prior.parameters) each *= 1.3;
  for (size_t i = 0; i < size; ++i) prior.log_precision(i, i) = 1e8;
  const ModelFit held = FitPurchaseModel(kind(), *Summary::Create(rows), {prior});
  ASSERT_EQ(held.verdict, Verdict::kConverged) << held.VerdictText();
  for (size_t i = 0; i < size; ++i) {
    EXPECT_NEAR(held.parameters[i] / prior.parameters[i], 1, 1e-3) << held.parameter_names[i];
    EXPECT_NEAR(std::sqrt(held.log_covariance[i * (size + 1)]), 1e-4, 1e-6);
  }
  EXPECT_NEAR(SumOfRows(held, rows) / held.log_likelihood, 1, 1e-10);
  const ModelFit free = FitPurchaseModel(kind(), *Summary::Create(rows));
  EXPECT_LT(held.log_likelihood, free.log_likelihood);
}

// Over customers as they come, what P(alive) promised now and for later is what was so.
TEST_P(Asked, PAliveNowAndLater_AgreesWithSimulation) {
  const auto drawn = model();
  const double ahead = kind().is_discrete ? 3 : 13;
  Random random(kSeed);
  Life life;
  Differences now, later;
  for (int i = 0; i < 20'000; ++i) {
    const double age = AgeOf(&random);
    drawn->Draw(age + ahead, &random, &life);
    const History h = HistoryAt(life, age);
    now.Add(life.death > age, drawn->PAlive(h));
    later.Add(life.death > age + ahead, drawn->PAliveAfter(h, ahead));
    EXPECT_NEAR(drawn->PAliveAfter(h, 0), drawn->PAlive(h), 1e-12);
  }
  EXPECT_LT(std::abs(now.StandardErrors()), 4) << "seed " << kSeed;
  EXPECT_LT(std::abs(later.StandardErrors()), 4) << "seed " << kSeed;
}

// A customer of whom nothing is known but that they bought just now.
TEST_P(Asked, WithoutHistory_ForeseesTheAverageNewCustomer) {
  const auto drawn = model();
  const double rate = 0.05, soon = GetParam().longest, ever = 180;
  // Of purchases beyond `ever` discounting leaves e^−9.
  const double expected = drawn->ExpectedPurchases({}, soon);
  const double discounted = drawn->ExpectedDiscounted({}, rate);
  std::vector<double> counts(4);
  drawn->CountProbabilities({}, soon, absl::MakeSpan(counts));
  Random random(kSeed);
  Life life;
  Differences purchases, value, none;
  for (int i = 0; i < 20'000; ++i) {
    drawn->Draw(ever, &random, &life);
    const double count = HistoryAt(life, soon).frequency;
    double worth = 0;
    for (size_t n = 1; n < life.times.size(); ++n) worth += std::exp(-rate * life.times[n]);
    purchases.Add(count, expected);
    value.Add(worth, discounted);
    none.Add(count == 0, counts[0]);
  }
  EXPECT_LT(std::abs(purchases.StandardErrors()), 4) << "seed " << kSeed;
  EXPECT_LT(std::abs(value.StandardErrors()), 4) << "seed " << kSeed;
  EXPECT_LT(std::abs(none.StandardErrors()), 4) << "seed " << kSeed;
}

TEST_P(Asked, PurchasesInAnInterval_AreTheDifferenceOfTwo) {
  const auto drawn = model();
  const Case& each = GetParam();
  const History h = kind().is_discrete ? History{3, 3, each.longest > 5 ? 8 : 3.5}
                                       : History{3, 20, each.shortest};
  double before = 0;
  for (const double t : {1., 2., 5., 12.}) {
    const double until = drawn->ExpectedPurchases(h, t);
    EXPECT_GE(until, before);
    before = until;
  }
  // What was undiscounted and over a horizon is what the value at no discount says.
  const double alive = drawn->PAlive(h);
  EXPECT_NEAR(alive * drawn->ValueIfAlive(h, drawn->Grid(h, 1, 12, 0)) / before, 1, 2e-5);
}

TEST_P(Asked, Silence_IsHowLongTheOddsTakeAndRhythmHowLongOneInTwentyIs) {
  const auto drawn = model();
  if (kind().is_discrete) return;  // by whole occasions: in tests of their own
  for (const History& h : {History{1, 5, 9}, History{6, 24, 26}}) {
    if (MayLeave()) {
      const double aim = drawn->LogOddsDead({h.frequency, h.recency, h.age + 7});
      const double silence = drawn->SilenceUntil(h, aim);
      EXPECT_LE(silence, 7 * (1 + 1e-9));
      EXPECT_NEAR(silence, 7, 1e-6);
    } else {
      EXPECT_EQ(drawn->SilenceUntil(h, 0), INFINITY);
    }
    if (GetParam().model == "pareto_nbd") continue;  // death may come before: in its own test
    const History bought{h.frequency, h.recency, h.recency};
    const double alive = drawn->PAlive(bought);
    double none = 0;
    drawn->CountProbabilities(bought, drawn->RhythmLimit(h), {&none, 1});
    EXPECT_NEAR((none - (1 - alive)) / alive, 0.05, 1e-8);
  }
}

// A total and each of its customers have both intervals: of the expectation, and of the outcome.
TEST_P(Asked, TotalAndCustomers_HaveBothIntervals) {
  const std::vector<PurchaseRow> rows = Rows(60);
  ValueParameters known;
  known.model = GetParam().model;
  known.purchase = GetParam().truth;
  const size_t size = known.purchase.size();
  known.purchase_log_cov.assign(size * size, 0.001);
  for (size_t i = 0; i < size; ++i) known.purchase_log_cov[i * (size + 1)] = 0.01;
  known.spend = {6.25, 3.74, 15.44};
  known.spend_log_cov = {.02, .001, .001, .001, .02, .001, .001, .001, .02};
  ValueOptions options;
  options.time_unit_days = kind().is_discrete ? 30 : 7;
  const auto valued = *ValueModel::Create(known, options);
  std::vector<Observation> observed;
  for (const PurchaseRow& row : rows) {
    observed.push_back({row.frequency, row.recency * options.time_unit_days,
                        row.age * options.time_unit_days, row.frequency > 0 ? 30 : std::nan("")});
  }
  std::vector<ValueFeatures> features(rows.size());
  valued->Compute(observed, absl::MakeSpan(features));
  double sum = 0;
  for (const ValueFeatures& each : features) {
    sum += each.clv;
    EXPECT_LE(each.clv_mean_low, each.clv);
    EXPECT_GE(each.clv_mean_high, each.clv);
    EXPECT_LE(each.clv_predictive_low, each.clv_predictive_high);
    EXPECT_GE(each.v_revived, 0);
    EXPECT_GE(each.at_risk_w, 0);
    EXPECT_NEAR(each.clv, each.p_alive * each.v_alive, 1e-9 * (1 + each.clv));
  }
  const TotalValue total = *TotalOf(*valued, observed, {100, 1});
  EXPECT_NEAR(total.clv / sum, 1, 1e-6);
  EXPECT_LT(total.clv_mean_low, total.clv);
  EXPECT_GT(total.clv_mean_high, total.clv);
  EXPECT_LT(total.clv_predictive_low, total.clv_mean_low);
  EXPECT_GT(total.clv_predictive_high, total.clv_mean_high);
}

}  // namespace
}  // namespace tenure::clv
