#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kAccepted = EventStatus::kAccepted;
constexpr auto kDuplicate = EventStatus::kDuplicate;
constexpr auto kRejected = EventStatus::kRejected;

TEST(Ingest, RepeatedEvent_IsDuplicateInTheBatchLaterAndAfterARestart) {
  Shop shop;
  shop.Open();
  const auto first =
      shop.Ingest({Purchase("c1", "e1"), Purchase("c1", "e1"), Purchase("c2", "e2")});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->statuses, ElementsAre(kAccepted, kDuplicate, kAccepted));
  EXPECT_EQ(first->last_seq, 2u);
  EXPECT_THAT(shop.Ingest({Purchase("c1", "e1")})->statuses, ElementsAre(kDuplicate));
  shop.Close();
  shop.Open();
  EXPECT_THAT(shop.Ingest({Purchase("c1", "e1")})->statuses, ElementsAre(kDuplicate));
  EXPECT_EQ(shop.engine->population().size(), 2u);
}

TEST(Ingest, SameIdFromAnotherSource_IsAnotherEvent) {
  Shop shop;
  shop.Open();
  journal::EventRecord other = Purchase("c1", "e1");
  other.source = "till";
  EXPECT_THAT(shop.Ingest({Purchase("c1", "e1"), other})->statuses,
              ElementsAre(kAccepted, kAccepted));
}

TEST(Ingest, RepeatAfterTheWindow_IsAcceptedAgain) {
  Shop shop;
  shop.Open();
  shop.Ingest({Purchase("c1", "e1")}).status().IgnoreError();
  shop.clock.Advance(30 * kMicrosPerDay);
  EXPECT_THAT(shop.Ingest({Purchase("c1", "e1")})->statuses, ElementsAre(kDuplicate));
  shop.clock.Advance(kMicrosPerDay);
  EXPECT_THAT(shop.Ingest({Purchase("c1", "e1")})->statuses, ElementsAre(kAccepted));
}

TEST(Ingest, RepeatAfterThirtyDays_FromADaysLastInstantOnIsStillDuplicate) {
  Shop shop;
  shop.clock.Set(kStartUs + kMicrosPerDay - 1);
  shop.Open();
  shop.Ingest({Purchase("c1", "e1")}).status().IgnoreError();
  shop.clock.Advance(30 * kMicrosPerDay);
  EXPECT_THAT(shop.Ingest({Purchase("c1", "e1")})->statuses, ElementsAre(kDuplicate));
}

TEST(Ingest, WrongEvents_AreRejectedWithTheFieldAndSpareTheOthers) {
  Shop shop;
  shop.Open();
  journal::EventRecord negative = Purchase("c1", "e2");
  negative.amount_micros = -1;
  const auto result =
      shop.Ingest({Purchase("", "e1"), negative, Purchase("c1", "e3", kStartUs + 2 * kMicrosPerDay),
                   Purchase(std::string(256, 'c'), "e4"), Purchase(std::string(257, 'c'), "e5")});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->statuses, ElementsAre(kRejected, kRejected, kRejected, kAccepted, kRejected));
  EXPECT_THAT(result->reasons[0], HasSubstr("customer_id"));
  EXPECT_THAT(result->reasons[1], HasSubstr("amount"));
  EXPECT_THAT(result->reasons[2], HasSubstr("happened_at"));
  EXPECT_THAT(result->reasons[4], HasSubstr("256"));
}

TEST(Time, ClockSteppingBack_NeverGoesBackInTheJournal) {
  Shop shop;
  shop.Open();
  shop.clock.Advance(kMicrosPerHour / 2);
  shop.Ingest({Purchase("c1", "e1")}).status().IgnoreError();
  shop.clock.Set(kStartUs);
  EXPECT_EQ(shop.engine->NowUs(), kStartUs + kMicrosPerHour / 2);
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e2")}).ok());
  shop.Close();
  shop.Open();
  EXPECT_EQ(shop.engine->NowUs(), kStartUs + kMicrosPerHour / 2);
}

TEST(Time, HoursAsleep_AreCaughtUpByOneTick) {
  Shop shop;
  shop.Open();
  shop.Publish(ShopRules(10)).status().IgnoreError();
  shop.Ingest({Purchase("c1", "e1")}).status().IgnoreError();
  const uint64_t before = shop.engine->health().last_seq;
  shop.Close();
  shop.clock.Advance(40 * kMicrosPerDay);
  shop.Open();
  // The tick, and February's budget.
  EXPECT_EQ(shop.engine->health().last_seq, before + 2);
  EXPECT_EQ(shop.engine->population().Get(1)->standings[0].stage_id, "silent");
}

TEST(History, EntriesOfACustomer_AreChained) {
  Shop shop;
  shop.Open();
  shop.Ingest({Purchase("c1", "e1"), Purchase("c2", "e2"), Purchase("c1", "e3")})
      .status()
      .IgnoreError();
  EXPECT_EQ(shop.engine->population().Get(1)->last_seq, 3u);
  EXPECT_EQ(shop.engine->population().Get(2)->last_seq, 2u);
}

}  // namespace
}  // namespace tenure::engine
