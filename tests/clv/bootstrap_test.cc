// The parametric bootstrap against what is said without it: a fit's standard errors by its Hessian,
// and the interval of a base's value by draws from them. Slow: ./dev check --slow.
#include "server/clv/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/draw.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/total_value.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

constexpr uint64_t kSeed = 7;
constexpr int kReplicates = 200;  // they know a standard deviation to 5 %
constexpr GammaGamma kSpend = {6.25, 3.74, 15.44};

// Enough customers for the likelihood to be nearly Normal in the logs, as in recovery_test.
struct Truth {
  const char* model;
  std::vector<double> parameters;
  int customers;
  double shortest, longest;  // observed so long
};

void PrintTo(const Truth& truth, std::ostream* out) { *out << truth.model; }

const Truth kTruths[] = {{"nbd", {0.8, 6}, 1500, 52, 78},
                         {"bg_nbd", {0.8, 6, 0.9, 3}, 4000, 52, 78},
                         {"mbg_nbd", {0.8, 6, 0.9, 3}, 4000, 52, 78},
                         {"cnbd_2", {0.8, 3}, 1500, 52, 78},
                         {"bg_cnbd_2", {0.8, 3, 0.9, 3}, 4000, 52, 78},
                         {"mbg_cnbd_2", {0.8, 3, 0.9, 3}, 4000, 52, 78},
                         {"pareto_nbd", {0.8, 6, 0.8, 20}, 4000, 52, 104},
                         {"beta_binomial", {1.2, 0.75}, 1500, 8, 8},
                         {"bg_bb", {1.2, 0.75, 0.66, 2.8}, 4000, 8, 8},
                         {"sbg", {0.7, 1.2}, 1500, 8.5, 8.5},
                         {"bdw", {0.7, 1.2, 1.4}, 3000, 8.5, 8.5}};

class Bootstrapped : public ::testing::TestWithParam<Truth> {
 protected:
  struct Base {
    std::vector<PurchaseRow> rows;
    std::vector<double> ages;
  };
  static Base Draw() {
    const Truth& truth = GetParam();
    const auto model = *CreatePurchaseModel(truth.model, truth.parameters);
    Random random(kSeed);
    Base base;
    Life life;
    for (int i = 0; i < truth.customers; ++i) {
      const double age = truth.shortest + (truth.longest - truth.shortest) * random.Uniform();
      model->Draw(age, &random, &life);
      PurchaseRow row{static_cast<double>(life.times.size() - 1), life.times.back(), age, 1, 0};
      for (size_t n = 1; n < life.times.size(); ++n) {
        row.log_intervals += std::log(life.times[n] - life.times[n - 1]);
      }
      base.rows.push_back(row);
      base.ages.push_back(age);
    }
    return base;
  }
  // Of values above 0: standard deviation of their logs.
  static double LogSpread(const std::vector<double>& values) {
    const auto count = static_cast<double>(values.size());
    double mean = 0, squares = 0;
    for (const double each : values) mean += std::log(each) / count;
    for (const double each : values) squares += std::pow(std::log(each) - mean, 2);
    return std::sqrt(squares / (count - 1));
  }
  static std::vector<double> Column(const std::vector<std::vector<double>>& rows, size_t column) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[column]);
    return values;
  }
};

INSTANTIATE_TEST_SUITE_P(Models, Bootstrapped, ::testing::ValuesIn(kTruths),
                         [](const auto& each) { return std::string(each.param.model); });

TEST_P(Bootstrapped, StandardErrors_AgreeWithTheHessians) {
  const Truth& truth = GetParam();
  const ModelKind kind = *FindModelKind(truth.model);
  const Base base = Draw();
  const ModelFit fit = FitPurchaseModel(kind, *Summary::Create(base.rows));
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  const auto replicates = *Bootstrap(kind, fit.parameters, base.ages, kReplicates, kSeed);
  EXPECT_GE(replicates.size(), 0.98 * kReplicates);
  const size_t size = fit.parameters.size();
  for (size_t i = 0; i < size; ++i) {
    const double hessian = std::sqrt(fit.log_covariance[i * (size + 1)]);
    const double bootstrap = LogSpread(Column(replicates, i));
    EXPECT_NEAR(bootstrap / hessian, 1, 0.2) << fit.parameter_names[i];
    RecordProperty(fit.parameter_names[i], std::to_string(bootstrap / hessian));
  }
}

// The value of the whole base, by each replicate's parameters against Laplace draws.
TEST_P(Bootstrapped, TotalsStandardError_AgreesWithTheDraws) {
  const Truth& truth = GetParam();
  const ModelKind kind = *FindModelKind(truth.model);
  const Base base = Draw();
  const ModelFit fit = FitPurchaseModel(kind, *Summary::Create(base.rows));
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  ValueOptions options;
  options.time_unit_days = kind.is_discrete ? 91 : 7;
  ValueParameters known;
  known.model = truth.model;
  known.purchase = fit.parameters;
  known.purchase_log_cov = fit.log_covariance;
  // Some of each age and history do: the total's relative error is that of all.
  std::vector<Observation> some;
  for (size_t i = 0; i < base.rows.size(); i += base.rows.size() / 200) {
    const PurchaseRow& row = base.rows[i];
    some.push_back({row.frequency, row.recency * options.time_unit_days,
                    row.age * options.time_unit_days, std::nan("")});
  }
  const auto total_by = [&](const ValueModel& model) {
    std::vector<Score> scores(some.size());
    model.ScoreAll(some, absl::MakeSpan(scores));
    double total = 0;
    for (const Score& score : scores) total += score.clv;
    return total;
  };
  std::vector<double> totals;
  const auto replicates = *Bootstrap(kind, fit.parameters, base.ages, kReplicates, kSeed);
  for (const std::vector<double>& parameters : replicates) {
    ValueParameters replicate;
    replicate.model = truth.model;
    replicate.purchase = parameters;
    totals.push_back(total_by(**ValueModel::Create(replicate, options)));
  }
  const TotalValue total = *TotalOf(**ValueModel::Create(known, options), some, {400, kSeed});
  EXPECT_NEAR(LogSpread(totals) / (total.standard_error / total.clv), 1, 0.2);
}

TEST(BootstrappedSpend, StandardErrors_AgreeWithTheHessians) {
  Random random(kSeed);
  std::vector<SpendRow> rows;
  std::vector<double> frequencies;
  for (int i = 0; i < 8'000; ++i) {
    const double x = std::floor(-2.5 * std::log(random.UniformOpen()));
    frequencies.push_back(x);
    if (x == 0) continue;
    const double rate = DrawGamma(kSpend.q, kSpend.v, &random);
    rows.push_back({x, DrawGamma(kSpend.p * x, rate, &random) / x});
  }
  const ModelFit fit = *FitGammaGamma(rows);
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  const GammaGamma fitted = {fit.parameters[0], fit.parameters[1], fit.parameters[2]};
  const auto replicates = *BootstrapSpend(fitted, frequencies, kReplicates, kSeed);
  ASSERT_EQ(replicates.size(), size_t{kReplicates});
  for (size_t i = 0; i < 3; ++i) {
    double mean = 0, squares = 0;
    for (const auto& each : replicates) mean += std::log(each[i]) / kReplicates;
    for (const auto& each : replicates) squares += std::pow(std::log(each[i]) - mean, 2);
    const double bootstrap = std::sqrt(squares / (kReplicates - 1));
    EXPECT_NEAR(bootstrap / std::sqrt(fit.log_covariance[i * 4]), 1, 0.2);
  }
  EXPECT_FALSE(BootstrapSpend({0, 4, 15}, frequencies, 1, 1).ok());
  EXPECT_FALSE(BootstrapSpend(fitted, std::vector<double>{0, 0}, 1, 1).ok());
}

}  // namespace
}  // namespace tenure::clv
