// Refits by rule: due by the journal alone, whatever restarts come between.
#include "server/main/refit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/planning/model_fit.h"
#include "tests/engine/shop.h"

namespace tenure::daemon {
namespace {

using engine::kStartUs;
using ::testing::HasSubstr;

constexpr uint64_t kSeed = 3;

class RefitTest : public testing::Test {
 protected:
  // A shop of the last year with a model fitted by hand.
  void Begin(const std::string& refit, int customers = 400) {
    shop.Open();
    const std::string value =
        refit.empty() ? "" : absl::StrCat("value:\n  model: nbd\n  refit: ", refit, "\n");
    ASSERT_TRUE(shop.Publish(engine::ShopRulesOf(engine::ShopYaml(20) + value)).ok());
    Random random(kSeed);
    std::vector<journal::EventRecord> events;
    for (int c = 0; c < customers; ++c) {
      // Rates of a NBD with r = 1, in purchases a day.
      const double rate = -std::log1p(-random.Uniform()) / 60;
      int number = 0;
      for (double day = 0; day < 365; day -= std::log1p(-random.Uniform()) / rate) {
        const auto at_us = kStartUs - static_cast<int64_t>((365 - day) * double{kMicrosPerDay});
        events.push_back(
            engine::Purchase(absl::StrCat("c", c), absl::StrCat(c, "-", number++), at_us,
                             5'000'000 + static_cast<int64_t>(random.Below(30'000'000))));
      }
    }
    ASSERT_TRUE(shop.Ingest(std::move(events)).ok());
    auto first = planning::FitPopulation(shop.engine->world()->rules, shop.engine->population(),
                                         {shop.engine->NowUs(), 0});
    ASSERT_TRUE(first.ok()) << first.status();
    ASSERT_TRUE(shop.Activate(*std::move(first)).ok());
  }
  // As a server that was just started.
  absl::StatusOr<uint64_t> Look() { return Refit(shop.engine.get(), nullptr).RunIfDue(); }
  uint64_t LookAfter(double days) {
    shop.clock.Advance(static_cast<int64_t>(days * double{kMicrosPerDay}));
    const auto seq = Look();
    EXPECT_TRUE(seq.ok()) << seq.status();
    return seq.value_or(0);
  }

  engine::Shop shop;
};

TEST_F(RefitTest, RulesWithoutRefit_NeverFit) {
  Begin("");
  EXPECT_EQ(LookAfter(400), 0u);
}

TEST_F(RefitTest, NoModelYet_WaitsForTheFirstByHand) {
  shop.Open();
  EXPECT_EQ(LookAfter(1), 0u);
  ASSERT_TRUE(
      shop.Publish(engine::ShopRulesOf(engine::ShopYaml(20) + "value: {refit: {every: 1d}}\n"))
          .ok());
  EXPECT_EQ(LookAfter(9), 0u);
}

TEST_F(RefitTest, EverySevenDays_FitsOnceEachAlsoAcrossRestarts) {
  Begin("{every: 7d}");
  EXPECT_EQ(LookAfter(0), 0u);
  EXPECT_EQ(LookAfter(6.9), 0u);
  const uint64_t seq = LookAfter(0.2);
  ASSERT_NE(seq, 0u);
  const journal::ModelRecord record = shop.engine->GetModel(seq).value();
  EXPECT_EQ(record.caller, kRefitCaller);
  EXPECT_THAT(record.reason, HasSubstr("value.refit.every has passed"));
  EXPECT_FALSE(record.candidate);
  EXPECT_EQ(shop.engine->GetModel()->hash, record.hash);
  EXPECT_EQ(LookAfter(0), 0u);
  shop.Close();
  shop.Open();
  EXPECT_EQ(LookAfter(0), 0u);
  shop.Close();
  shop.RemoveSnapshot();
  shop.Open();
  EXPECT_EQ(LookAfter(6.9), 0u);
  EXPECT_NE(LookAfter(0.2), 0u);
  EXPECT_EQ(shop.engine->ListModels(0, 10)->versions.size(), 3u);
}

TEST_F(RefitTest, WithoutActivation_RecordsACandidate) {
  Begin("{every: 7d, activate: false}");
  const std::string before = shop.engine->GetModel()->hash;
  const uint64_t seq = LookAfter(8);
  ASSERT_NE(seq, 0u);
  EXPECT_TRUE(shop.engine->GetModel(seq)->candidate);
  EXPECT_EQ(shop.engine->GetModel()->hash, before);
  EXPECT_EQ(LookAfter(0.5), 0u);
}

TEST_F(RefitTest, Drift_FitsAndThenRestsAWhile) {
  Begin("{when_psi_above: 0.25}");
  EXPECT_EQ(LookAfter(1), 0u);  // too soon after the version before
  // Nobody buys for half a year.
  const uint64_t seq = LookAfter(180);
  ASSERT_NE(seq, 0u);
  EXPECT_THAT(shop.engine->GetModel(seq)->reason, HasSubstr("has moved"));
  EXPECT_EQ(LookAfter(1), 0u);
}

TEST_F(RefitTest, CalibrationOff_Fits) {
  Begin("{when_calibration_off_by: 0.6}");
  EXPECT_EQ(LookAfter(8), 0u);
  const uint64_t seq = LookAfter(30);
  ASSERT_NE(seq, 0u);
  EXPECT_THAT(shop.engine->GetModel(seq)->reason, HasSubstr("were expected"));
}

TEST_F(RefitTest, FallbackOfTooFewCustomers_StaysACandidate) {
  Begin("{every: 7d}", 2);
  ASSERT_TRUE(shop.Activate(engine::ShopModel()).ok());
  const std::string before = shop.engine->GetModel()->hash;
  const uint64_t seq = LookAfter(8);
  ASSERT_NE(seq, 0u);
  EXPECT_TRUE(shop.engine->GetModel(seq)->candidate);
  EXPECT_THAT(shop.engine->GetModel(seq)->reason, HasSubstr("simple estimates"));
  EXPECT_EQ(shop.engine->GetModel()->hash, before);
}

TEST_F(RefitTest, Thread_StartsAndStops) {
  Begin("{every: 7d}", 20);
  Refit refit(shop.engine.get(), nullptr);
  refit.Start();
  refit.Stop();
  refit.Stop();
}

}  // namespace
}  // namespace tenure::daemon
