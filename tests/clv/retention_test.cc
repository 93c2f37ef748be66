// sBG and BdW: published figures (Fader, Hardie 2007), curves with their tails, fits of cohorts and
// of rows.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/beta_discrete_weibull.h"
#include "server/clv/contract_model.h"
#include "server/clv/prior_request.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/retention_cohort.h"
#include "server/clv/retention_curve.h"
#include "server/clv/shifted_beta_geometric.h"
#include "tests/clv/shared_data.h"

namespace tenure::clv {
namespace {

constexpr uint64_t kSeed = 2007;

RetentionCohort Published(const Table& table, const std::string& name, int last_period = 7) {
  RetentionCohort cohort{name, {}, {}};
  for (const auto& row : table) {
    if (row[0] != name || std::stoi(row[1]) > last_period) continue;
    cohort.survivors.push_back(std::stod(row[2]));
  }
  return cohort;
}

void ExpectPublished(const char* name, const std::vector<double>& parameters, double log_likelihood,
                     const std::vector<double>& forecast) {
  const std::optional<Table> table = ReadShared("sbg/survivors.csv");
  if (!table) GTEST_SKIP() << kNoSharedData;
  const absl::StatusOr<ModelFit> fit = FitRetention(*FindModelKind("sbg"), Published(*table, name));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->verdict, Verdict::kConverged) << fit->VerdictText();
  EXPECT_EQ(fit->rows, 1000);
  EXPECT_NEAR(fit->log_likelihood, log_likelihood, 1e-6);
  EXPECT_NEAR(fit->parameters[0], parameters[0], 1e-6);
  EXPECT_NEAR(fit->parameters[1], parameters[1], 1e-6);
  const RetentionCurve curve{fit->parameters[0], fit->parameters[1]};
  for (size_t i = 0; i < forecast.size(); ++i) {
    EXPECT_NEAR(1000 * curve.Survival(8 + static_cast<double>(i)), forecast[i], 0.005);
  }
  // BdW has this curve at c = 1, so that it fits no worse.
  const absl::StatusOr<ModelFit> weibull =
      FitRetention(*FindModelKind("bdw"), Published(*table, name));
  ASSERT_TRUE(weibull.ok());
  EXPECT_EQ(weibull->verdict, Verdict::kConverged) << weibull->VerdictText();
  EXPECT_GT(weibull->log_likelihood, fit->log_likelihood);
}

TEST(Sbg, Regular_MatchesPublished) {
  ExpectPublished("regular", {0.704077, 1.182043}, -1680.265188,
                  {220.08, 204.41, 191.19, 179.86, 170.04});
}

TEST(Sbg, HighEnd_MatchesPublished) {
  ExpectPublished("highend", {0.668088, 3.806095}, -1611.158147,
                  {460.44, 435.78, 414.17, 395.06, 378.00});
}

// Fader, Hardie, Liu, Davin, Steenburgh 2018: the high-end customers' first five years give
// (.259, 1.722, 1.584), to the digits that a spreadsheet's search finds.
TEST(Bdw, HighEndOfFiveYears_MatchesPublished) {
  const std::optional<Table> table = ReadShared("sbg/survivors.csv");
  if (!table) GTEST_SKIP() << kNoSharedData;
  const absl::StatusOr<ModelFit> fit =
      FitRetention(*FindModelKind("bdw"), Published(*table, "highend", 4));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->verdict, Verdict::kConverged) << fit->VerdictText();
  EXPECT_NEAR(fit->parameters[0], 0.259, 1e-3);
  EXPECT_NEAR(fit->parameters[1], 1.722, 1e-3);
  EXPECT_NEAR(fit->parameters[2], 1.584, 1e-3);
  // What it then foretells of years 5 to 12 is nearer to what came than sBG's.
  const absl::StatusOr<ModelFit> sbg =
      FitRetention(*FindModelKind("sbg"), Published(*table, "highend", 4));
  ASSERT_TRUE(sbg.ok());
  const RetentionCohort seen = Published(*table, "highend", 12);
  const RetentionCurve by_weibull{fit->parameters[0], fit->parameters[1], fit->parameters[2]};
  const RetentionCurve by_sbg{sbg->parameters[0], sbg->parameters[1]};
  for (size_t t = 5; t < seen.survivors.size(); ++t) {
    const double survivors = seen.survivors[t];
    const double period = static_cast<double>(t);
    EXPECT_LT(std::abs(1000 * by_weibull.Survival(period) - survivors),
              std::abs(1000 * by_sbg.Survival(period) - survivors))
        << "year " << t;
  }
}

std::vector<RenewalTally> SomeTally() { return {{60, 40}, {45, 15}, {40, 0}, {30, 5}, {0, 2}}; }

TEST(Bdw, LikelihoodAtOne_IsThatOfSbg) {
  for (const Vector& at : {Vector{.7, 1.2, 1}, Vector{.02, 30, 1}, Vector{400, 900, 1}}) {
    const Evaluation weibull = BetaDiscreteWeibullLogLikelihood(SomeTally(), at);
    const Evaluation shifted = ShiftedBetaGeometricLogLikelihood(SomeTally(), at);
    EXPECT_NEAR(weibull.value / shifted.value, 1, 1e-12);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(weibull.gradient[i], shifted.gradient[i],
                  1e-8 * (1 + std::abs(shifted.gradient[i])));
    }
    const RetentionCurve curve{at[0], at[1], 1};
    const RetentionCurve nearly{at[0], at[1], 1 + 1e-13};
    for (const double t : {1., 2., 8., 200., 1e5}) {
      EXPECT_NEAR(nearly.LogSurvival(t) / curve.LogSurvival(t), 1, 1e-9) << t;
    }
  }
}

// The tail: sums to a million terms, and the closed form for c = 1 against the integral's for a c
// that differs by less than shows.
TEST(RetentionCurve, ResidualLifetime_IsTheWholeSum) {
  for (const RetentionCurve& curve :
       {RetentionCurve{.7, 1.2}, RetentionCurve{.668, 3.806, 1.4}, RetentionCurve{5, 9, .6}}) {
    for (const double rate : {0.1, 0.005}) {
      for (const double n : {0., 3., 40.}) {
        double sum = 0;
        for (int j = 20'000; j >= 1; --j) {
          sum += std::exp(-rate * (j - 1)) * curve.Survival(n, j);
        }
        EXPECT_NEAR(curve.ResidualLifetime(n, rate) / sum, 1, 1e-9) << rate << " " << n;
      }
    }
  }
  EXPECT_NEAR((RetentionCurve{1.5, 4}).Lifetime(), 4.5 / 0.5, 1e-9);
  for (const double alpha : {1.5, 3.}) {
    const RetentionCurve exact{alpha, 4};
    const RetentionCurve integral{alpha, 4, 1 + 1e-12};
    EXPECT_NEAR(integral.Lifetime() / exact.Lifetime(), 1, 1e-8) << alpha;
    EXPECT_NEAR(integral.ResidualLifetime(2, 1e-4) / exact.ResidualLifetime(2, 1e-4), 1, 1e-9);
  }
  EXPECT_TRUE(std::isinf((RetentionCurve{0.7, 1.2}).Lifetime()));
  EXPECT_TRUE(std::isinf((RetentionCurve{0.7, 1.2, 1.3}).Lifetime()));
  EXPECT_TRUE(std::isfinite((RetentionCurve{0.7, 1.2, 1.6}).Lifetime()));
}

TEST(RetentionCurve, Retention_RisesWithTenureThoughNobodyChanges) {
  const RetentionCurve curve{.704, 1.182};
  EXPECT_NEAR(curve.Retention(1), 1.182 / (.704 + 1.182), 1e-14);
  for (int t = 2; t < 20; ++t) EXPECT_GT(curve.Retention(t), curve.Retention(t - 1));
}

// Contracts seen as histories at 8, when renewal 8 is due but may still come.
std::vector<PurchaseRow> Simulate(const PurchaseModel& model, int customers) {
  Random random(kSeed);
  std::vector<PurchaseRow> rows;
  Life life;
  for (int i = 0; i < customers; ++i) {
    model.Draw(7, &random, &life);
    rows.push_back({life.times.back(), life.times.back(), 8});
  }
  return rows;
}

RetentionCohort CohortOf(const std::vector<PurchaseRow>& rows) {
  RetentionCohort cohort{"simulated", std::vector<double>(8), {}};
  for (const PurchaseRow& row : rows) {
    for (int t = 0; t <= row.recency; ++t) cohort.survivors[static_cast<size_t>(t)] += 1;
  }
  return cohort;
}

void ExpectRowsAndCohortsAgree(const PurchaseModel& truth) {
  const std::vector<PurchaseRow> rows = Simulate(truth, 5'000);
  const ModelKind kind = *FindModelKind(truth.name());
  const ModelFit of_rows = FitPurchaseModel(kind, *Summary::Create(rows));
  const ModelFit of_cohort = *FitRetention(kind, CohortOf(rows));
  ASSERT_EQ(of_rows.verdict, Verdict::kConverged) << of_rows.VerdictText();
  EXPECT_EQ(of_rows.rows, of_cohort.rows);
  EXPECT_NEAR(of_rows.log_likelihood, of_cohort.log_likelihood, 1e-7);
  const auto model = *CreatePurchaseModel(truth.name(), of_rows.parameters);
  double sum = 0;
  for (const PurchaseRow& row : rows) {
    sum += model->RowLogLikelihood({row.frequency, row.recency, row.age});
  }
  EXPECT_NEAR(of_rows.log_likelihood, sum, 1e-7);
  for (size_t i = 0; i < of_rows.parameters.size(); ++i) {
    EXPECT_NEAR(of_rows.parameters[i] / of_cohort.parameters[i], 1, 1e-6);
    const double off = std::log(of_rows.parameters[i] / truth.parameters()[i]);
    EXPECT_LT(std::abs(off), 4 * of_rows.standard_errors[i] / of_rows.parameters[i])
        << of_rows.parameter_names[i] << ", seed " << kSeed;
  }
}

TEST(Sbg, FitOfRows_IsTheFitOfTheCohort) { ExpectRowsAndCohortsAgree(ContractModel(.7, 1.2)); }
TEST(Bdw, FitOfRows_IsTheFitOfTheCohort) { ExpectRowsAndCohortsAgree(ContractModel(1.1, 3, 1.5)); }

// Half of the customers began a period later: what isn't known of them is not their leaving.
TEST(Sbg, LaterBeginners_AreCensored) {
  const RetentionCurve curve{.7, 1.2};
  RetentionCohort cohort{"both", {}, std::vector<double>(8)};
  for (int t = 0; t <= 7; ++t) {
    cohort.survivors.push_back(1e6 * curve.Survival(t) * (t < 7 ? 1 : 0.5));
  }
  cohort.censored[6] = 5e5 * curve.Survival(6);
  const absl::StatusOr<ModelFit> fit = FitRetention(*FindModelKind("sbg"), cohort);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->parameters[0], .7, 1e-6);
  EXPECT_NEAR(fit->parameters[1], 1.2, 1e-6);
}

TEST(Sbg, ConstantRetention_IsABoundary) {
  RetentionCohort cohort{"constant", {}, {}};
  for (int t = 0; t <= 7; ++t) cohort.survivors.push_back(1e5 * std::pow(.8, t));
  const absl::StatusOr<ModelFit> fit = FitRetention(*FindModelKind("sbg"), cohort);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->verdict, Verdict::kBoundary) << fit->VerdictText();
  EXPECT_NE(fit->explanation.find("constant retention"), std::string::npos) << fit->explanation;
  EXPECT_NEAR(fit->parameters[1] / (fit->parameters[0] + fit->parameters[1]), .8, 1e-3);
}

TEST(RetentionCohort, ImpossibleSurvivors_AreRefusedByPeriod) {
  const ModelKind kind = *FindModelKind("sbg");
  const auto message = [&](std::vector<double> survivors, std::vector<double> censored = {}) {
    const auto fit = FitRetention(kind, {"c", std::move(survivors), std::move(censored)});
    return std::string(fit.status().message());
  };
  EXPECT_NE(message({10, 8, 9}).find("period 2: more survivors"), std::string::npos);
  EXPECT_NE(message({10, 8, -1}).find("period 2"), std::string::npos);
  EXPECT_NE(message({10, NAN, 1}).find("period 1"), std::string::npos);
  EXPECT_NE(message({10, 8}).find("at least"), std::string::npos);
  EXPECT_NE(message({10, 10, 10}).find("nobody was lost"), std::string::npos);
  EXPECT_NE(message({10, 0, 0}).find("nobody renewed"), std::string::npos);
  EXPECT_NE(message({10, 8, 7}, {0, 1}).find("each period"), std::string::npos);
  EXPECT_NE(message({10, 8, 7}, {0, 9, 0}).find("period 1"), std::string::npos);
}

TEST(Sbg, RowsThatAreNoContracts_FailWithAReason) {
  for (const PurchaseRow& row : {PurchaseRow{2, 2.5, 6}, PurchaseRow{2, 4, 6}}) {
    const std::vector<PurchaseRow> rows = {row, {1, 1, 6}};
    const ModelFit fit = FitPurchaseModel(*FindModelKind("sbg"), *Summary::Create(rows));
    EXPECT_EQ(fit.verdict, Verdict::kFailed);
    EXPECT_NE(fit.explanation.find("recency"), std::string::npos) << fit.explanation;
  }
}

// BdW's three parameters can't be told from three survivors: a prior stands in.
TEST(Retention, WeakPrior_HoldsAShortCohortAndYieldsToALongOne) {
  const RetentionCohort shortest = {"short", {100, 70, 55}, {}};
  for (const char* name : {"sbg", "bdw"}) {
    const ModelKind kind = *FindModelKind(name);
    const Prior weak = PriorOf(PriorRequest().TermsOf(kind, 1));
    const auto map = FitRetention(kind, shortest, &weak);
    ASSERT_TRUE(map.ok()) << map.status();
    EXPECT_EQ(map->verdict, Verdict::kConverged) << name << " " << map->VerdictText();
    EXPECT_EQ(map->rows, 100);
  }
  const ModelKind kind = *FindModelKind("sbg");
  const RetentionCohort large = {"large", {1e6, 631e3, 468e3, 382e3, 326e3}, {}};
  const Prior weak = PriorOf(PriorRequest().TermsOf(kind, 1));
  const ModelFit likelihood = *FitRetention(kind, large);
  const ModelFit map = *FitRetention(kind, large, &weak);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(map.parameters[i], likelihood.parameters[i], 0.1 * likelihood.standard_errors[i]);
  }
}

}  // namespace
}  // namespace tenure::clv
