// What a fit learns where contacts bring purchases: a world whose treated customers buy half again
// as often for four weeks after each contact.
#include "server/customers/thinning.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/clv/draw.h"
#include "server/clv/value_model.h"
#include "server/customers/population.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

constexpr int64_t kWindow = 28 * kDay;
constexpr double kUplift = 0.5;

Contact ContactAt(int64_t at_us, float spontaneous) {
  Contact contact;
  contact.at_us = at_us;
  contact.decision = static_cast<uint64_t>(at_us);
  contact.campaign = "c";
  contact.spontaneous = spontaneous;
  return contact;
}

// Gamma(2) rates with a mean of a purchase in ten weeks, for a year; every tenth customer is held
// out, the others are written to every eight weeks.
class TreatedWorld {
 public:
  static constexpr double kShape = 2, kRateWeeks = 20;
  static constexpr int kCustomers = 4'000, kWeeks = 52;
  static constexpr int64_t kEnd = kStart + kWeeks * 7 * kDay;

  explicit TreatedWorld(uint64_t seed) {
    Random random(seed);
    Change change(&population);
    for (int i = 0; i < kCustomers; ++i) {
      const bool treated = i % 10 != 0;
      const uint32_t number = change.FindOrAdd(absl::StrCat(treated ? "t" : "h", i));
      const double rate = clv::DrawGamma(kShape, kRateWeeks, &random);
      change.Apply(number, Bought(kStart, 10'000'000), kEnd, {});
      for (int week = 0; treated && week < kWeeks; week += 8) {
        change.AddContact(
            number, ContactAt(kStart + week * 7 * kDay + 1, static_cast<float>(1 / (1 + kUplift))));
      }
      // Thinned from the highest rate there is (Lewis, Shedler 1979).
      double weeks = 0;
      while (true) {
        weeks -= std::log1p(-random.Uniform()) / (rate * (1 + kUplift));
        if (weeks >= kWeeks) break;
        const bool in_window = treated && std::fmod(weeks, 8) < 4;
        if (!in_window && random.Uniform() >= 1 / (1 + kUplift)) continue;
        const auto at_us = kStart + static_cast<int64_t>(weeks * 7 * static_cast<double>(kDay));
        change.Apply(number, Bought(at_us, 10'000'000), kEnd, {});
      }
    }
    change.Publish();
  }

  // Purchases a week, as an NBD fitted to the summary says.
  double FittedRate(const Learning& learning) const {
    const Population::Summary summary = population.Summarize(kEnd, 0, learning);
    clv::ValueOptions options;
    options.model = "nbd";
    const auto fitted = clv::FitValueModel(summary.observations, options);
    EXPECT_TRUE(fitted.ok()) << fitted.status();
    if (!fitted.ok()) return 0;
    EXPECT_EQ(fitted->report.purchase[0].VerdictText(), "CONVERGED");
    const std::vector<double>& purchase = fitted->model->parameters().purchase;
    return purchase[0] / purchase[1];
  }

  static constexpr double kTruth = kShape / kRateWeeks;
  Population population;
};

TEST(Thinning, UpliftOfAHalf_OverstatesTheSpontaneousRateUnlessThinned) {
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(kSeed);
  const TreatedWorld world(kSeed);
  // A customer's rate varies by sqrt(2)/20, what is seen of it in a year by sqrt(0.1/52).
  const double error =
      std::sqrt((TreatedWorld::kTruth / 20 + TreatedWorld::kTruth / 52) / TreatedWorld::kCustomers);
  const double naive = world.FittedRate({});
  // Nine in ten are treated half of the time: 22.5 % more.
  EXPECT_NEAR(naive, 1.225 * TreatedWorld::kTruth, 4 * 1.225 * error);
  EXPECT_GT(naive, TreatedWorld::kTruth + 10 * error);
  const double thinned = world.FittedRate({nullptr, kWindow});
  EXPECT_NEAR(thinned, TreatedWorld::kTruth, 4 * error);
  const double held_out =
      world.FittedRate({[](absl::string_view id) { return absl::StartsWith(id, "h"); }, 0});
  EXPECT_NEAR(held_out, TreatedWorld::kTruth, 4 * error * std::sqrt(10.0));
}

TEST(Thinning, DrawsAreTheSameInEverySummary) {
  const TreatedWorld world(12);
  const Learning learning{nullptr, kWindow};
  const auto all = world.population.Summarize(TreatedWorld::kEnd, 0, learning);
  EXPECT_GT(all.days_left_out, 0);
  EXPECT_NEAR(static_cast<double>(all.days_left_out) / static_cast<double>(all.days_after_contact),
              1.0 / 3, 0.03);
  const int64_t middle = kStart + 200 * kDay;
  const auto split = world.population.Summarize(TreatedWorld::kEnd, middle, learning);
  ASSERT_EQ(all.observations.size(), split.observations.size());
  for (size_t i = 0; i < all.observations.size(); ++i) {
    EXPECT_EQ(split.observations[i].frequency + split.holdout_purchases[i],
              all.observations[i].frequency);
    EXPECT_EQ(all.observations[i].frequency, std::floor(all.observations[i].frequency));
  }
}

TEST(Thinning, UnknownChanceOrAnEarlierContact_ThinsNothing) {
  Population population;
  Change change(&population);
  const uint32_t unknown = change.FindOrAdd("unknown"), earlier = change.FindOrAdd("earlier");
  for (const uint32_t number : {unknown, earlier}) {
    for (int day = 0; day < 300; day += 30) {
      change.Apply(number, Bought(kStart + day * kDay, 10'000'000), kStart, {});
    }
  }
  change.AddContact(unknown, ContactAt(kStart, 1));
  change.AddContact(earlier, ContactAt(kStart + 1 * kDay, 0));
  change.Publish();
  const auto summary = population.Summarize(kStart + 300 * kDay, 0, {nullptr, kWindow});
  EXPECT_EQ(summary.observations[0].frequency, 9);
  EXPECT_EQ(summary.observations[1].frequency, 9);
  EXPECT_EQ(summary.days_after_contact, 0);
}

TEST(Thinning, PurchaseThatAContactSurelyBrought_IsLeftOutButTheFirstStays) {
  Population population;
  Change change(&population);
  const uint32_t number = change.FindOrAdd("c");
  change.AddContact(number, ContactAt(kStart - kDay, 0));
  for (const int day : {0, 10, 40, 41}) {
    change.Apply(number, Bought(kStart + day * kDay, 10'000'000), kStart, {});
  }
  change.Publish();
  const auto summary = population.Summarize(kStart + 50 * kDay, 0, {nullptr, kWindow});
  EXPECT_EQ(summary.observations[0].frequency, 2);
  EXPECT_EQ(summary.observations[0].recency_days, 41);
  EXPECT_EQ(summary.days_after_contact, 2);
  EXPECT_EQ(summary.days_left_out, 1);
  EXPECT_EQ(summary.purchases, 4);
  // Snapshots keep the chance.
  Population restored;
  ASSERT_TRUE(restored.Restore(population.Save()).ok());
  EXPECT_EQ(restored.Summarize(kStart + 50 * kDay, 0, {nullptr, kWindow}).observations[0].frequency,
            2);
}

}  // namespace
}  // namespace tenure::customers
