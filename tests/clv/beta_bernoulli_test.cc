// BG/BB: published figures for the donations (Fader, Hardie, Shang 2010), reference points, and
// what must hold between its quantities.
#include "server/clv/beta_bernoulli.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "server/clv/beta_bernoulli_model.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/rising.h"
#include "tests/clv/shared_data.h"

namespace tenure::clv {
namespace {

constexpr uint64_t kSeed = 20101;
const double kDonations[] = {1.203522, 0.749716, 0.656718, 2.783442};

BetaBernoulliModel Donations() {
  return {kDonations[0], kDonations[1], kDonations[2], kDonations[3]};
}

double Number(const std::string& text) { return text.empty() ? 0 : std::stod(text); }

TEST(BgBb, Points_MatchToNineDigits) {
  const std::optional<Table> table = ReadShared("clv_points.csv");
  if (!table) GTEST_SKIP() << kNoSharedData;
  int checked = 0;
  for (const auto& row : *table) {
    if (row[0] != "BG/BB") continue;
    const Vector at{Number(row[2]), Number(row[3]), Number(row[4]), Number(row[5])};
    const auto model = *CreatePurchaseModel("bg_bb", at);
    const History history{Number(row[6]), Number(row[7]), Number(row[8])};
    const double reference = Number(row[11]);
    const double tolerance = 1e-9 * std::abs(reference);
    if (row[1] == "LL row") {
      EXPECT_NEAR(model->RowLogLikelihood(history), reference, tolerance);
      const std::vector<PurchaseRow> rows = {{history.frequency, history.recency, history.age}};
      EXPECT_NEAR(BetaBernoulliLogLikelihood(Summary::Create(rows)->Unscaled(), at).value,
                  reference, tolerance);
    } else {
      EXPECT_NEAR(model->PAlive(history), reference, tolerance) << row[6] << " " << row[8];
    }
    ++checked;
  }
  EXPECT_EQ(checked, 8);
}

TEST(BgBb, Donations_MatchPublished) {
  const std::optional<Table> table = ReadShared("donations/donations.csv");
  if (!table) GTEST_SKIP() << kNoSharedData;
  std::vector<PurchaseRow> rows;
  for (const auto& row : *table) {
    rows.push_back({Number(row[0]), Number(row[1]), Number(row[2]), Number(row[3])});
  }
  const Summary summary = *Summary::Create(rows);
  const ModelFit fit = FitPurchaseModel(*FindModelKind("bg_bb"), summary);
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  EXPECT_NEAR(fit.log_likelihood, -33225.58127, 1e-3);
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(fit.parameters[i] / kDonations[i], 1, 1e-3);
  const auto model = *CreatePurchaseModel("bg_bb", fit.parameters);
  // The paper's P(alive in 2002) are those of its parameters as printed, to three digits.
  const BetaBernoulliModel printed(1.204, .750, .657, 2.783);
  EXPECT_NEAR(printed.PAlive({0, 0, 6}), .108017, 1e-6);
  EXPECT_NEAR(printed.PAlive({2, 4, 6}), .589514, 1e-6);
  EXPECT_NEAR(printed.PAlive({6, 6, 6}), .930403, 1e-6);
  std::vector<double> counts(7);
  model->CountProbabilities({}, 6, absl::MakeSpan(counts));
  const double donors[] = {3454.85, 1888.68, 1348.90, 1113.39, 1017.93, 1027.16, 1253.09};
  for (size_t x = 0; x < 7; ++x) EXPECT_NEAR(11104 * counts[x], donors[x], 0.05) << x;
}

// Every history of n occasions has its probability, and they sum to 1. A floor of 1e-15 under the
// likelihood, as elsewhere, would make the sum many times too large from 40 occasions on.
TEST(Trap, FloorUnderTheLikelihood_NoneSoThatAllHistoriesSumToOne) {
  const BetaBernoulliModel model = Donations();
  for (const int n : {6, 60, 300}) {
    double total = std::exp(model.RowLogLikelihood({0, 0, 1.0 * n}));
    for (int last = 1; last <= n; ++last) {
      for (int x = 1; x <= last; ++x) {
        const double ways = LogGamma(last) - LogGamma(x) - LogGamma(last - x + 1);
        total += std::exp(ways + model.RowLogLikelihood({1.0 * x, 1.0 * last, 1.0 * n}));
      }
    }
    EXPECT_NEAR(total, 1, 1e-9) << n;
  }
}

std::vector<PurchaseRow> Simulate(const PurchaseModel& model, int customers, double occasions) {
  Random random(kSeed);
  std::vector<PurchaseRow> rows;
  Life life;
  for (int i = 0; i < customers; ++i) {
    model.Draw(occasions, &random, &life);
    rows.push_back({static_cast<double>(life.times.size()) - 1, life.times.back(), occasions});
  }
  return rows;
}

void ExpectRecovered(const ModelFit& fit, absl::Span<const double> truth) {
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  for (size_t i = 0; i < truth.size(); ++i) {
    const double off = std::log(fit.parameters[i] / truth[i]);
    EXPECT_LT(std::abs(off), 4 * fit.standard_errors[i] / fit.parameters[i])
        << fit.parameter_names[i] << " " << fit.parameters[i] << ", seed " << kSeed;
  }
}

TEST(Trap, MoreThanFortyOccasions_ParametersRecovered) {
  const BetaBernoulliModel model(1.2, 2.5, 0.8, 20);
  const ModelFit fit =
      FitPurchaseModel(*FindModelKind("bg_bb"), *Summary::Create(Simulate(model, 4'000, 60)));
  ExpectRecovered(fit, model.parameters());
}

TEST(Trap, ThousandOccasions_FitAndFiguresAreFinite) {
  const BetaBernoulliModel model(2, 6, 1.5, 150);
  const ModelFit fit =
      FitPurchaseModel(*FindModelKind("bg_bb"), *Summary::Create(Simulate(model, 400, 1'000)));
  ExpectRecovered(fit, model.parameters());
  for (const History& history : {History{1, 1, 1'000}, History{1'000, 1'000, 1'000},
                                 History{900, 900, 5'000}, History{1, 5'000, 5'000}}) {
    const double alive = model.PAlive(history);
    EXPECT_TRUE(alive >= 0 && alive <= 1);
    EXPECT_TRUE(std::isfinite(model.RowLogLikelihood(history)));
    EXPECT_TRUE(std::isfinite(model.LogOddsDead(history)));
    const TimeGrid grid = model.Grid(history, 4, 52, 0.01);
    EXPECT_GT(model.ValueIfRevived(history, grid), 0);
  }
}

TEST(BgBb, RowsThatCountNoOccasions_FailWithAReason) {
  for (const PurchaseRow& row : {PurchaseRow{2, 3.5, 6}, PurchaseRow{4, 3, 6},
                                 PurchaseRow{1, 2, 6.25}, PurchaseRow{1, 2, 2e5}}) {
    const std::vector<PurchaseRow> rows = {row, {1, 2, 6}};
    const ModelFit fit = FitPurchaseModel(*FindModelKind("bg_bb"), *Summary::Create(rows));
    EXPECT_EQ(fit.verdict, Verdict::kFailed);
    EXPECT_NE(fit.explanation.find("occasion"), std::string::npos) << fit.explanation;
  }
}

TEST(BgBb, NobodyLeaves_DropoutIsNotIdentified) {
  const BetaBernoulliModel model(1.5, 2);
  const ModelFit fit =
      FitPurchaseModel(*FindModelKind("bg_bb"), *Summary::Create(Simulate(model, 3'000, 12)));
  EXPECT_EQ(fit.verdict, Verdict::kNotIdentified) << fit.VerdictText();
  EXPECT_NE(fit.explanation.find("gamma, delta"), std::string::npos) << fit.explanation;
  const ModelFit simpler = FitPurchaseModel(*FindModelKind("beta_binomial"),
                                            *Summary::Create(Simulate(model, 3'000, 12)));
  ExpectRecovered(simpler, model.parameters());
}

// The value now is that of buying at the next occasion or not, exactly.
TEST(BgBb, NextOccasion_ValueIsAMixture) {
  constexpr double kRate = 0.1;
  for (const BetaBernoulliModel& model :
       {Donations(), BetaBernoulliModel(kDonations[0], kDonations[1])}) {
    const auto value = [&](const History& history, double horizon) {
      return model.PAlive(history) *
             model.ValueIfAlive(history, model.Grid(history, 1, horizon, kRate));
    };
    for (const History& h :
         {History{0, 0, 0}, History{0, 0, 6}, History{2, 4, 6}, History{6, 6, 6}}) {
      double none = 0;
      model.CountProbabilities(h, 1, {&none, 1});
      const double after = (1 - none) * (1 + value({h.frequency + 1, h.age + 1, h.age + 1}, 9)) +
                           none * value({h.frequency, h.recency, h.age + 1}, 9);
      EXPECT_NEAR(value(h, 10) / (std::exp(-kRate) * after), 1, 1e-12) << model.name();
    }
  }
}

TEST(BgBb, Quantities_AgreeWithEachOther) {
  for (const BetaBernoulliModel& model :
       {Donations(), BetaBernoulliModel(.3, 2, 1, 9), BetaBernoulliModel(2, 1)}) {
    for (const History& h : {History{0, 0, 0}, History{0, 0, 6}, History{2, 4, 6}}) {
      const double alive = model.PAlive(h);
      std::vector<double> counts(21);
      model.CountProbabilities(h, 20, absl::MakeSpan(counts));
      double sum = 0, mean = 0, square = 0;
      for (size_t n = 0; n < counts.size(); ++n) {
        const auto x = static_cast<double>(n);
        sum += counts[n];
        mean += x * counts[n];
        square += x * x * counts[n];
      }
      EXPECT_NEAR(sum, 1, 1e-12);
      EXPECT_NEAR(mean / model.ExpectedPurchases(h, 20), 1, 1e-12);
      const Outlook undiscounted = model.OutlookIfAlive(h, model.Grid(h, 3, 20, 0));
      EXPECT_NEAR(alive * undiscounted.count / mean, 1, 1e-12);
      EXPECT_NEAR(alive * (undiscounted.pairs + undiscounted.squares) / square, 1, 1e-12);
      EXPECT_NEAR(1 - alive + alive * std::exp(undiscounted.log_quiet_horizon), counts[0], 1e-13);
      std::vector<double> window(1);
      model.CountProbabilities(h, 3, absl::MakeSpan(window));
      EXPECT_NEAR(1 - alive + alive * std::exp(undiscounted.log_quiet_window), window[0], 1e-13);
      const TimeGrid grid = model.Grid(h, 3, 20.9, 0.05);  // a part of an occasion doesn't count
      const Outlook outlook = model.OutlookIfAlive(h, grid);
      EXPECT_NEAR(outlook.value / model.ValueIfAlive(h, grid), 1, 1e-12);
      const TimeGrid longest = model.Grid(h, 3, 5'000, 0.05);
      EXPECT_NEAR(alive * model.ValueIfAlive(h, longest) / model.ExpectedDiscounted(h, 0.05), 1,
                  1e-11);
      EXPECT_NEAR(model.PAliveAfter(h, 0), alive, 1e-15);
      if (model.name() == "beta_binomial") continue;
      const double bound = model.LogOddsDead({h.frequency, h.recency, h.age + 4});
      EXPECT_NEAR(model.SilenceUntil(h, bound - 1e-9), 4, 1e-9);
    }
  }
}

// Of simulated customers with the same history: who is there, what they buy, what dropouts cost.
TEST(BgBb, SimulatedCustomers_AgreeWithTheFigures) {
  const BetaBernoulliModel model(1.2, 1.5, 0.9, 4);
  constexpr double kAge = 5, kHorizon = 6, kWindow = 2, kRate = 0.1;
  const History history{2, 3, kAge};
  Random random(kSeed);
  Life life;
  double seen = 0, alive = 0, alive_later = 0, count = 0, value = 0, quiet = 0, at_risk = 0;
  double dead = 0, revived = 0;
  const double step = std::exp(-kRate);
  for (int i = 0; i < 1'500'000; ++i) {
    model.Draw(kAge + kHorizon + kWindow, &random, &life);
    size_t x = 0;
    while (x + 1 < life.times.size() && life.times[x + 1] <= kAge) ++x;
    if (x != 2 || life.times[x] != 3) continue;
    ++seen;
    if (life.death <= kAge) {
      ++dead;
      double stays = life.rate;  // from now on, once more alive
      for (int k = 1; k <= kHorizon; ++k, stays *= 1 - life.dropout) {
        revived += stays * std::pow(step, k);
      }
      continue;
    }
    ++alive;
    alive_later += life.death > kAge + 3;
    bool bought = false;
    for (double time : life.times) {
      if (time <= kAge || time > kAge + kHorizon) continue;
      ++count;
      value += std::pow(step, time - kAge);
      bought = bought || time <= kAge + kWindow;
    }
    quiet += !bought;
    if (life.death > kAge + kWindow) continue;
    double stays = life.rate;  // had they not left then
    for (double k = life.death - kAge + 1; k <= kHorizon; ++k, stays *= 1 - life.dropout) {
      at_risk += stays * std::pow(step, k);
    }
  }
  ASSERT_GT(seen, 20'000);
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  const TimeGrid grid = model.Grid(history, kWindow, kHorizon, kRate);
  const Outlook outlook = model.OutlookIfAlive(history, grid);
  EXPECT_NEAR(alive / seen, model.PAlive(history), 0.01);
  EXPECT_NEAR(alive_later / seen, model.PAliveAfter(history, 3), 0.01);
  EXPECT_NEAR(count / seen / model.ExpectedPurchases(history, kHorizon), 1, 0.02);
  EXPECT_NEAR(value / alive / outlook.value, 1, 0.02);
  EXPECT_NEAR(quiet / alive, std::exp(outlook.log_quiet_window), 0.01);
  EXPECT_NEAR(at_risk / alive / outlook.at_risk, 1, 0.04);
  EXPECT_NEAR(revived / dead / model.ValueIfRevived(history, grid), 1, 0.02);
}

}  // namespace
}  // namespace tenure::clv
