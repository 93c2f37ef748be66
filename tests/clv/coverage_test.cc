// Models whose customers leave otherwise than MBG/NBD's (uncertainty_test): the interval of the
// mean of a base and of single customers, over many simulated shops. Slow: ./dev check --slow.
#include "tests/clv/coverage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"
#include "server/clv/total_value.h"

namespace tenure::clv {
namespace {

constexpr int kShops = 60;
constexpr double kUnitDays = 30;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr GammaGamma kSpend = {6.25, 3.74, 15.44};

struct Case {
  const char* model;
  std::vector<double> parameters;
  uint64_t customers;
  double shortest, longest;          // observed so many units
  std::vector<Observation> singles;  // times in units
};

void PrintTo(const Case& each, std::ostream* out) { *out << each.model; }

class MeanCoverage : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(
    Models, MeanCoverage,
    ::testing::Values(
        Case{"pareto_nbd", {0.8, 2, 0.8, 6}, 1500, 12, 24, {{0, 0, 8, kNone}, {6, 14, 16, 30}}},
        Case{"bg_bb", {1.2, 0.75, 0.66, 2.8}, 1500, 8, 8, {{0, 0, 8, kNone}, {4, 7, 8, 30}}},
        Case{"sbg", {0.7, 1.2}, 800, 8.5, 8.5, {{1, 1, 1.5, 30}, {5, 5, 5.5, 30}}}),
    [](const auto& each) { return std::string(each.param.model); });

std::vector<Observation> Draw(const Case& each, uint64_t seed) {
  const Simulator simulator(*CreatePurchaseModel(each.model, each.parameters), kSpend, seed);
  std::vector<Observation> rows;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < each.customers; ++i) {
    const double age = each.shortest + (each.longest - each.shortest) * simulator.UniformOf(i, 1);
    simulator.Draw(i, age, &customer);
    const auto x = static_cast<double>(customer.times.size() - 1);
    double spend = 0;
    for (size_t n = 1; n < customer.times.size(); ++n) spend += customer.spends[n];
    rows.push_back(
        {x, customer.times.back() * kUnitDays, age * kUnitDays, x > 0 ? spend / x : kNone});
  }
  return rows;
}

TEST_P(MeanCoverage, OfBaseAndCustomers_IsNeitherTooNarrowNorTooWide) {
  const Case& each = GetParam();
  ValueOptions options;
  options.model = each.model;
  options.time_unit_days = kUnitDays;
  ValueParameters known;
  known.model = each.model;
  known.purchase = each.parameters;
  known.spend = {kSpend.p, kSpend.q, kSpend.v};
  const auto truth = *ValueModel::Create(known, options);
  std::vector<Observation> singles = each.singles;
  for (Observation& row : singles) {
    row.recency_days *= kUnitDays;
    row.age_days *= kUnitDays;
  }
  std::vector<ValueFeatures> wanted(singles.size()), given(singles.size());
  truth->Compute(singles, absl::MakeSpan(wanted));
  Coverage base;
  std::vector<Coverage> customers(singles.size());
  for (uint64_t shop = 0; shop < kShops; ++shop) {
    const std::vector<Observation> rows = Draw(each, 40'000 + shop);
    const auto fitted = FitValueModel(rows, options);
    ASSERT_TRUE(fitted.ok()) << fitted.status();
    std::vector<Score> scores(rows.size());
    truth->ScoreAll(rows, absl::MakeSpan(scores));
    double expected = 0;
    for (const Score& score : scores) expected += score.clv;
    const TotalValue total = *TotalOf(*fitted->model, rows, {100, 1});
    base.Add(total.clv_mean_low, total.clv, total.clv_mean_high, expected);
    fitted->model->Compute(singles, absl::MakeSpan(given));
    for (size_t i = 0; i < singles.size(); ++i) {
      customers[i].Add(given[i].clv_mean_low, given[i].clv, given[i].clv_mean_high, wanted[i].clv);
    }
  }
  base.Check("the base, seeds from 40000");
  for (size_t i = 0; i < customers.size(); ++i) {
    customers[i].Check("customer " + std::to_string(i) + ", seeds from 40000");
  }
}

}  // namespace
}  // namespace tenure::clv
