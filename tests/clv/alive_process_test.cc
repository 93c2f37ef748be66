// The quadrature over a customer's future, over all options that a rule set allows.
#include "server/clv/alive_process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <utility>

namespace tenure::clv {
namespace {

constexpr double kYear = 365.25;
constexpr double kWithin = 1e-6;

// ∫ e^(−δu) dM(u) = e^(−δH) M(H) + δ ∫ e^(−δu) M(u) du, where M is exact to 1e-12, in panels so
// short that 30 points leave nothing over.
double PreciseValue(const AliveProcess& process, double horizon, double discount) {
  double value = std::exp(-discount * horizon) * process.ExpectedCount(horizon);
  if (discount == 0) return value;
  double from = 0;
  while (from < horizon && discount * from < 45) {
    const double step = std::min(3 / discount, 4 * process.rate / (process.shape + 3) + from);
    const double to = std::min(horizon, from + step);
    value +=
        discount *
        boost::math::quadrature::gauss<double, 30>::integrate(
            [&](double u) { return std::exp(-discount * u) * process.ExpectedCount(u); }, from, to);
    from = to;
  }
  return value;
}

// Days. Shapes and rates of one-time buyers and of heavy ones, young and old; with NBD (a = 0).
const AliveProcess kProcesses[] = {
    {0.5, 43, 0, 1},      {12, 300, 0, 1},      {0.05, 0.5, 0, 1}, {1.5, 60, 0.9, 2.6},
    {5.5, 400, 0.9, 6.6}, {60, 2'000, 0.9, 62}, {0.8, 5, 0.2, 1},  {30, 36'000, 3, 40},
    {80, 60, 2, 6},       {900, 400, 0.9, 2.6}, {300, 90, 40, 60},
};

class EveryHorizon : public testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Days, EveryHorizon, testing::Values(1, 30, 364, 1'825, 7'300, 36'500));

TEST_P(EveryHorizon, Value_IsThePreciseIntegral) {
  const double horizon = GetParam();
  double worst = 0;
  for (const AliveProcess& process : kProcesses) {
    for (const double a_year : {0., 0.01, 0.1, 0.3, 1.}) {
      const double discount = std::log1p(a_year) / kYear;
      const double precise = PreciseValue(process, horizon, discount);
      for (const double window : {1., 28., 364., horizon}) {
        const TimeGrid grid = TimeGrid::Over(window, horizon, discount, process.rate);
        const Outlook outlook = process.OutlookOver(grid);
        SCOPED_TRACE(testing::Message() << "shape " << process.shape << " a " << process.a
                                        << " discount " << a_year << " window " << window);
        EXPECT_NEAR(outlook.value / precise, 1, kWithin);
        EXPECT_NEAR(process.ValueOver(grid) / precise, 1, kWithin);
        EXPECT_NEAR(outlook.count / process.ExpectedCount(horizon), 1, kWithin);
        worst = std::max(worst, std::abs(outlook.value / precise - 1));
      }
    }
  }
  RecordProperty("worst", testing::PrintToString(worst));
}

// E[f(p)] of p ~ Beta(a, b) by Simpson's rule in logit p, 14 standard deviations to each side.
template <typename Function>
double OverBeta(double a, double b, Function f) {
  constexpr int kSteps = 8'000;
  const double spread = std::sqrt((a + b) / (a * b)), mode = std::log(a / b);
  const double peak = a * std::log(a / (a + b)) + b * std::log(b / (a + b));
  double sum = 0, total = 0;
  for (int k = 0; k <= kSteps; ++k) {
    const double p = 1 / (1 + std::exp(-mode - spread * 14 * (2.0 * k / kSteps - 1)));
    const double weight = (k == 0 || k == kSteps ? 1
                           : k % 2 == 1          ? 4
                                                 : 2) *
                          std::exp(a * std::log(p) + b * std::log1p(-p) - peak);
    sum += weight * f(p);
    total += weight;
  }
  return sum / total;
}

// A fit at the boundary: a and b have run off, one p for all. A few points of p do, and it costs no
// more than an ordinary customer.
TEST(AliveProcess, NarrowDropout_IsThatOfAllItsValues) {
  for (const auto& [a, b] : {std::pair{4e5, 1.2e6}, {1.2e6, 40.}, {900., 2'000.}, {60., 9'000.}}) {
    for (const double shape : {0.3, 2., 12., 80., 900.}) {
      const AliveProcess process = {shape, 60, a, b};
      for (const double t : {1e-3, 7., 364., 36'500.}) {
        SCOPED_TRACE(testing::Message() << a << " " << b << " shape " << shape << " t " << t);
        const double count = OverBeta(
            a, b, [&](double p) { return -std::expm1(-shape * std::log1p(p * t / 60)) / p; });
        EXPECT_NEAR(process.ExpectedCount(t) / count, 1, 1e-9);
        const double there =
            OverBeta(a, b, [&](double p) { return std::exp(-shape * std::log1p(p * t / 60)); });
        EXPECT_NEAR(process.StillThere(t), there, 1e-9 * there + 1e-12);
        const Outlook outlook = process.OutlookOver(TimeGrid::Over(std::min(28., t), t, 0, 60));
        EXPECT_NEAR(outlook.value / count, 1, kWithin);
      }
    }
  }
}

// Parameters that are all but infinite, as draws of a fit that leaves them open have: one p.
TEST(AliveProcess, DropoutThatHasRunOff_IsOneProbability) {
  for (const double size : {1e13, 1e20, 1e100}) {
    const AliveProcess process = {2, 60, size, 3 * size};
    const double count = -std::expm1(-2 * std::log1p(0.25 * 364 / 60)) / 0.25;
    EXPECT_NEAR(process.ExpectedCount(364) / count, 1, 1e-9) << size;
    EXPECT_NEAR(process.OutlookOver(TimeGrid::Over(28, 364, 0, 60)).value / count, 1, kWithin);
  }
}

// Nobody drops out: all moments have closed forms.
TEST_P(EveryHorizon, WithoutDropout_MomentsAreTheirClosedForms) {
  const double horizon = GetParam();
  const AliveProcess process = {2, 90, 0, 1};
  const double rate = process.shape / process.rate;
  for (const double a_year : {0.001, 0.1, 1.}) {
    const double d = std::log1p(a_year) / kYear;
    const double span = -std::expm1(-d * horizon) / d;
    const Outlook outlook = process.OutlookOver(TimeGrid::Over(28, horizon, d, process.rate));
    SCOPED_TRACE(a_year);
    EXPECT_NEAR(outlook.value / (rate * span), 1, kWithin);
    EXPECT_NEAR(outlook.squares / (rate * -std::expm1(-2 * d * horizon) / (2 * d)), 1, kWithin);
    EXPECT_NEAR(outlook.pairs / (rate * (process.shape + 1) / process.rate * span * span), 1,
                kWithin);
    EXPECT_EQ(outlook.at_risk, 0);
  }
}

// Beyond what a rule set allows nothing breaks.
TEST(TimeGrid, AbsurdOptions_StayWithinTheNodes) {
  for (const double window : {1e-6, 28., 1e9}) {
    for (const double horizon : {1e-6, 364., 1e9}) {
      for (const double discount : {0., 1e-9, 1e-3, 1e3}) {
        for (const double scale : {1e-9, 30., 1e9}) {
          const TimeGrid grid = TimeGrid::Over(window, horizon, discount, scale);
          ASSERT_LE(grid.nodes, TimeGrid::kMostNodes);
          ASSERT_EQ(grid.nodes % TimeGrid::kBlock, 0u);
          double sum = 0;
          for (size_t j = 0; j < grid.nodes; ++j) sum += grid.weight[j];
          EXPECT_NEAR(sum / horizon, 1, 1e-3);
        }
      }
    }
  }
}

TEST(TimeGrid, OrdinaryOptions_NeedTwelveNodes) {
  EXPECT_EQ(TimeGrid::Over(28, 364, std::log1p(0.1) / kYear, 100).nodes, 12u);
}

}  // namespace
}  // namespace tenure::clv
