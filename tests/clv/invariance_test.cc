// What no fit may depend on: the order of rows, whether alike ones are grouped, and the unit of
// time. Every model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "server/clv/draw.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

struct Case {
  const char* model;
  std::vector<double> truth;
  double age;
};

void PrintTo(const Case& each, std::ostream* out) { *out << each.model; }

class EveryFit : public ::testing::TestWithParam<Case> {
 protected:
  // Times in whole days, so that some rows are alike; discrete models in whole occasions.
  std::vector<PurchaseRow> Rows() const {
    const Case& each = GetParam();
    const auto model = *CreatePurchaseModel(each.model, each.truth);
    const bool discrete = FindModelKind(each.model)->is_discrete;
    std::vector<PurchaseRow> rows;
    Random random(17);
    Life life;
    for (int i = 0; i < 700; ++i) {
      const double age = each.age - (discrete ? 0 : std::floor(20 * random.Uniform()));
      model->Draw(age, &random, &life);
      PurchaseRow row{static_cast<double>(life.times.size() - 1), std::floor(life.times.back()),
                      age, 1, 0};
      for (size_t n = 1; n < life.times.size(); ++n) {
        row.log_intervals += std::log(life.times[n] - life.times[n - 1]);
      }
      rows.push_back(row);
    }
    return rows;
  }
  static ModelFit Fit(const std::vector<PurchaseRow>& rows) {
    return FitPurchaseModel(*FindModelKind(GetParam().model), *Summary::Create(rows));
  }
  static void ExpectSame(const ModelFit& fit, const ModelFit& other) {
    ASSERT_EQ(fit.verdict, other.verdict) << fit.VerdictText() << " / " << other.VerdictText();
    EXPECT_NEAR(other.log_likelihood / fit.log_likelihood, 1, 1e-9);
    for (size_t i = 0; i < fit.parameters.size(); ++i) {
      EXPECT_NEAR(other.parameters[i] / fit.parameters[i], 1, 1e-9) << fit.parameter_names[i];
    }
  }
};

INSTANTIATE_TEST_SUITE_P(
    Models, EveryFit,
    ::testing::Values(Case{"nbd", {0.8, 42}, 400}, Case{"bg_nbd", {0.8, 42, 0.9, 3}, 400},
                      Case{"mbg_nbd", {0.8, 42, 0.9, 3}, 400}, Case{"cnbd_2", {0.8, 20}, 400},
                      Case{"bg_cnbd_2", {0.8, 20, 0.9, 3}, 400},
                      Case{"mbg_cnbd_2", {0.8, 20, 0.9, 3}, 400},
                      Case{"pareto_nbd", {0.8, 42, 0.8, 140}, 500},
                      Case{"beta_binomial", {1.2, 0.75}, 8},
                      Case{"bg_bb", {1.2, 0.75, 0.66, 2.8}, 8}, Case{"sbg", {0.7, 1.2}, 8},
                      Case{"bdw", {0.7, 1.2, 1.4}, 8}),
    [](const auto& each) { return std::string(each.param.model); });

TEST_P(EveryFit, OrderOfRows_DoesNotMatter) {
  std::vector<PurchaseRow> rows = Rows();
  const ModelFit fit = Fit(rows);
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  Random random(3);
  for (size_t i = rows.size(); i-- > 1;) {
    std::swap(rows[i], rows[static_cast<size_t>(random.Uniform() * static_cast<double>(i + 1))]);
  }
  ExpectSame(fit, Fit(rows));
}

TEST_P(EveryFit, GroupingOfRows_DoesNotMatter) {
  const std::vector<PurchaseRow> rows = Rows();
  std::vector<PurchaseRow> weighted = rows, repeated = rows;
  for (size_t i = 0; i < rows.size(); i += 3) {
    weighted[i].weight = 3;
    repeated.push_back(rows[i]);
    repeated.push_back(rows[i]);
  }
  ExpectSame(Fit(repeated), Fit(weighted));
}

TEST_P(EveryFit, UnitOfTime_ScalesItsParametersAlone) {
  const ModelKind kind = *FindModelKind(GetParam().model);
  if (kind.is_discrete) return;  // occasions have no unit
  std::vector<PurchaseRow> rows = Rows();
  const ModelFit days = Fit(rows);
  double purchases = 0;
  for (PurchaseRow& row : rows) {
    row.recency /= 7;
    row.age /= 7;
    row.log_intervals -= row.frequency * std::log(7);
    purchases += row.frequency;
  }
  ModelFit weeks = Fit(rows);
  weeks.log_likelihood -= purchases * std::log(7);  // densities a day, not a week
  for (size_t i = 0; i < kind.parameters.size(); ++i) {
    if (kind.parameters[i].is_time) weeks.parameters[i] *= 7;
  }
  ExpectSame(days, weeks);
}

// Spend: the order, grouping and unit of money.
TEST(GammaGammaFit, OrderGroupingAndCurrency_DoNotMatter) {
  std::vector<SpendRow> rows;
  Random random(5);
  for (int i = 0; i < 600; ++i) {
    const double rate = DrawGamma(3.74, 15.44, &random);
    const double x = 1 + std::floor(4 * random.Uniform());
    rows.push_back({x, std::ceil(DrawGamma(6.25 * x, rate, &random) / x)});
  }
  const ModelFit fit = *FitGammaGamma(rows);
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  std::vector<SpendRow> backward(rows.rbegin(), rows.rend());
  std::vector<SpendRow> twice = rows, weighted = rows;
  for (size_t i = 0; i < rows.size(); i += 3) {
    twice.push_back(rows[i]);
    weighted[i].weight = 2;
  }
  std::vector<SpendRow> in_cents = rows;
  for (SpendRow& row : in_cents) row.mean_spend *= 100;
  const ModelFit reversed = *FitGammaGamma(backward), repeated = *FitGammaGamma(twice),
                 grouped = *FitGammaGamma(weighted), cents = *FitGammaGamma(in_cents);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(reversed.parameters[i] / fit.parameters[i], 1, 1e-9);
    EXPECT_NEAR(grouped.parameters[i] / repeated.parameters[i], 1, 1e-9);
    EXPECT_NEAR(cents.parameters[i] / fit.parameters[i] / (i == 2 ? 100 : 1), 1, 1e-9);
  }
}

}  // namespace
}  // namespace tenure::clv
