// What ParetoNbdModel says of one customer, against integrals and simulation.
#include "server/clv/pareto_nbd_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace tenure::clv {
namespace {

const ParetoNbdModel kModel(.5534, 10.5802, .6061, 11.6562);
const ParetoNbdModel kSteep(3, 12, 25, 400);
const History kHistories[] = {{0, 0, 38.86},   {2, 30.43, 38.86}, {2, 5, 38.86},
                              {26, 30.86, 31}, {7, 10, 300},      {60, 39, 40}};

// In panels that grow from 0, so short that 30 points leave nothing over.
double Integral(const std::function<double(double)>& f, double to) {
  double sum = 0;
  double step = 0.05;
  for (double from = 0; from < to; from += step, step *= 1.2) {
    sum +=
        boost::math::quadrature::gauss<double, 30>::integrate(f, from, std::min(to, from + step));
  }
  return sum;
}

LomaxRace FromNow(const ParetoNbdModel& model, const History& h) {
  const absl::Span<const double> p = model.parameters();
  return {{p[0] + h.frequency, p[1] + h.age}, {p[2], p[3] + h.age}};
}

TEST(LomaxRace, Outcomes_AreCertainTogether) {
  for (const double shape : {1e-3, .5, 30., 3e3}) {
    for (const double death : {1e-4, .6, 40., 1e5}) {
      for (const double scale : {1e-4, 1., 50., 1e6}) {
        for (const double t : {1e-9, 1e-3, 1., 300., 1e7}) {
          const LomaxRace::Outcome o = LomaxRace{{shape, scale}, {death, 7}}.After(t);
          EXPECT_NEAR(o.purchase_first + o.death_first + std::exp(o.log_neither), 1, 2e-11)
              << shape << " " << death << " " << scale << " " << t;
        }
      }
    }
  }
}

TEST(ParetoNbdModel, Outlook_IsItsIntegrals) {
  for (const ParetoNbdModel* model : {&kModel, &kSteep}) {
    for (const History& h : kHistories) {
      for (const double horizon : {1., 52., 520.}) {
        for (const double discount : {0., .0018, .03}) {
          const LomaxRace race = FromNow(*model, h);
          const double window = std::min(4., horizon);
          const double rate = race.purchase.Hazard(0);
          const auto there = [&](double u) { return std::exp(race.death.LogSurvival(u)); };
          const TimeGrid grid = model->Grid(h, window, horizon, discount);
          const Outlook o = model->OutlookIfAlive(h, grid);
          SCOPED_TRACE(testing::Message() << "x " << h.frequency << " T " << h.age << " horizon "
                                          << horizon << " discount " << discount);
          const auto value = [&](double u) { return rate * std::exp(-discount * u) * there(u); };
          EXPECT_NEAR(o.value / Integral(value, horizon), 1, 1e-6);
          EXPECT_NEAR(model->ValueIfAlive(h, grid), o.value, 1e-13 * o.value);
          EXPECT_NEAR(o.count * model->PAlive(h) / model->ExpectedPurchases(h, horizon), 1, 1e-6);
          const double pairs =
              2 * rate * (race.purchase.shape + 1) / race.purchase.scale *
              Integral(
                  [&](double u) {
                    return std::exp(-discount * u) * DiscountedSpan(u, discount) * there(u);
                  },
                  horizon);
          EXPECT_NEAR(o.pairs / pairs, 1, 1e-6);
          // A death at τ <= W destroys what a living customer would have brought after it.
          const double at_risk =
              Integral([&](double u) { return value(u) * u * race.death.Hazard(u); }, window) +
              Integral([&](double u) { return value(u) * window * race.death.Hazard(u); },
                       horizon) -
              Integral([&](double u) { return value(u) * window * race.death.Hazard(u); }, window);
          EXPECT_NEAR(o.at_risk / at_risk, 1, 1e-6);
          for (const auto& [t, log_quiet] :
               {std::pair(window, o.log_quiet_window), std::pair(horizon, o.log_quiet_horizon)}) {
            const double bought = Integral(
                [&](double u) { return race.purchase.Hazard(u) * std::exp(race.LogNeither(u)); },
                t);
            EXPECT_NEAR(std::expm1(log_quiet) / -bought, 1, 1e-6);
          }
        }
      }
    }
  }
}

// What dropout in a short window destroys is its probability times the value: E[(1 − e^(−μW)) V].
TEST(ParetoNbdModel, AtRisk_IsDropoutTimesValueInAShortWindow) {
  const History h{2, 30.43, 38.86};
  const LomaxRace race = FromNow(kModel, h);
  const double window = 0.1;
  const Outlook o = kModel.OutlookIfAlive(h, kModel.Grid(h, window, 52, .0018));
  const double product = Integral(
      [&](double u) {
        return race.purchase.Hazard(0) * std::exp(-.0018 * u) *
               (std::exp(race.death.LogSurvival(u)) - std::exp(race.death.LogSurvival(u + window)));
      },
      52);
  EXPECT_NEAR(o.at_risk / product, 1, 0.01);
}

TEST(ParetoNbdModel, CountProbabilities_HaveTheirSumMeanAndFirst) {
  for (const ParetoNbdModel* model : {&kModel, &kSteep}) {
    for (const History& h : kHistories) {
      std::vector<double> probability(2000);
      model->CountProbabilities(h, 39, absl::MakeSpan(probability));
      const double alive = model->PAlive(h);
      const double quiet = std::exp(FromNow(*model, h).LogQuiet(39));
      double mean = 0;
      for (size_t n = 0; n < probability.size(); ++n) {
        mean += static_cast<double>(n) * probability[n];
      }
      EXPECT_NEAR(std::accumulate(probability.begin(), probability.end(), 0.), 1, 1e-10);
      EXPECT_NEAR(probability[0], 1 - alive + alive * quiet, 1e-11);
      EXPECT_NEAR(mean / model->ExpectedPurchases(h, 39), 1, 1e-9) << h.frequency;
    }
  }
}

// Customers with about one history, among simulated ones.
TEST(ParetoNbdModel, FutureOfOneHistory_AgreesWithSimulation) {
  const History h{1, 10, 20};
  Random random(17);
  Life life;
  double customers = 0, alive = 0, later = 0, value = 0, rate_of_dead = 0, value_of_dead = 0;
  std::vector<double> counts(4);
  for (int i = 0; i < 600'000; ++i) {
    kModel.Draw(50, &random, &life);
    const auto end = std::upper_bound(life.times.begin(), life.times.end(), h.age);
    if (end - life.times.begin() != 2 || std::abs(life.times[1] - h.recency) > 1) continue;
    const auto n = static_cast<size_t>(life.times.end() - end);
    ++customers;
    value += static_cast<double>(n);
    if (n < counts.size()) ++counts[n];
    alive += life.death > h.age;
    later += life.death > h.age + 15;
    if (life.death <= h.age) {
      rate_of_dead += 1;
      value_of_dead += life.rate / life.dropout * -std::expm1(-life.dropout * 30);
    }
  }
  ASSERT_GT(customers, 3'000);
  const auto within = [&](double mean) { return 4 * std::sqrt(mean * (1 - mean) / customers); };
  const double p = kModel.PAlive(h);
  EXPECT_NEAR(alive / customers, p, within(p));
  const double p15 = kModel.PAliveAfter(h, 15);
  EXPECT_NEAR(later / customers, p15, within(p15));
  EXPECT_NEAR(value / customers / kModel.ExpectedPurchases(h, 30), 1, 0.08);
  std::vector<double> probability(counts.size());
  kModel.CountProbabilities(h, 30, absl::MakeSpan(probability));
  for (size_t n = 0; n < counts.size(); ++n) {
    EXPECT_NEAR(counts[n] / customers, probability[n], within(probability[n])) << n;
  }
  const double revived = kModel.ValueIfRevived(h, kModel.Grid(h, 4, 30, 0));
  EXPECT_NEAR(value_of_dead / rate_of_dead / revived, 1, 0.08);
}

TEST(ParetoNbdModel, Revived_IsTheMixtureOverTheTimeOfDeath) {
  for (const ParetoNbdModel* model : {&kModel, &kSteep}) {
    for (const History& h : kHistories) {
      const absl::Span<const double> p = model->parameters();
      const LomaxRace since = {{p[0] + h.frequency, p[1] + h.recency}, {p[2], p[3] + h.recency}};
      const auto density = [&](double u) {
        return since.death.Hazard(u) * std::exp(since.LogNeither(u));
      };
      const auto value = [&](double u) {
        const double B = since.death.scale + u;
        const double length = std::log1p(52 / B);
        return since.purchase.Hazard(u) * B * -std::expm1(-p[2] * length) / p[2];
      };
      const double silence = h.age - h.recency;
      const double mixture = Integral([&](double u) { return density(u) * value(u); }, silence) /
                             Integral(density, silence);
      EXPECT_NEAR(model->ValueIfRevived(h, model->Grid(h, 4, 52, 0)) / mixture, 1, 1e-6)
          << h.frequency << " " << h.recency;
    }
  }
}

TEST(ParetoNbdModel, SilenceUntil_IsWhereTheOddsAreReachedAndNeverLate) {
  for (const ParetoNbdModel* model : {&kModel, &kSteep}) {
    for (const History& h : kHistories) {
      for (const double bound : {-20., -3., 0., 1., 5., 40.}) {
        const double t = model->SilenceUntil(h, bound);
        SCOPED_TRACE(testing::Message() << "x " << h.frequency << " bound " << bound);
        if (model->LogOddsDead(h) >= bound) {
          EXPECT_EQ(t, 0);
          continue;
        }
        ASSERT_TRUE(std::isfinite(t));
        EXPECT_LE(model->LogOddsDead({h.frequency, h.recency, h.age + t}), bound + 1e-12);
        EXPECT_GE(model->LogOddsDead({h.frequency, h.recency, (h.age + t) * (1 + 1e-9)}), bound);
      }
    }
  }
}

TEST(ParetoNbdModel, RhythmLimit_IsTheNinetyFifthPercentile) {
  for (const History& h : kHistories) {
    const LomaxTime next = {.5534 + h.frequency, 10.5802 + h.recency};
    EXPECT_NEAR(std::exp(next.LogSurvival(kModel.RhythmLimit(h))), 0.05, 1e-12);
  }
}

TEST(ParetoNbdModel, Discounted_IsTheLimitOfTheValueOverLongHorizons) {
  for (const ParetoNbdModel* model : {&kModel, &kSteep}) {
    for (const History& h : kHistories) {
      for (const double discount : {.0005, .0027, .1, 3.}) {
        const double forever = 45 / discount;
        const TimeGrid grid = model->Grid(h, forever, forever, discount);
        EXPECT_NEAR(model->PAlive(h) * model->ValueIfAlive(h, grid) /
                        model->ExpectedDiscounted(h, discount),
                    1, 1e-6)
            << h.frequency << " " << discount;
      }
    }
  }
}

}  // namespace
}  // namespace tenure::clv
