#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
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
  EXPECT_THAT(result->reasons[2], HasSubstr("event_time"));
  EXPECT_THAT(result->reasons[4], HasSubstr("256"));
}

TEST(Ingest, AmountsAndInstants_AtTheLimitAndOneOver) {
  Shop shop;
  shop.Open();
  constexpr int64_t kMost = 1'000'000'000'000'000;
  constexpr int64_t kMinute = 60 * kMicrosPerSecond;
  journal::EventRecord loss = Purchase("c1", "e3");
  loss.margin_micros = -kMost;
  journal::EventRecord more = loss;
  more.margin_micros = -kMost - 1;
  journal::EventRecord refund = Purchase("c1", "e5", kStartUs, kMost + 1);
  refund.type = journal::EventType::kRefund;
  const auto result =
      shop.Ingest({Purchase("c1", "e1", kStartUs, kMost), Purchase("c1", "e2", kStartUs, kMost + 1),
                   loss, more, refund, Purchase("c1", "e6", kStartUs + kMinute),
                   Purchase("c1", "e7", kStartUs + kMinute + 1)});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->statuses, ElementsAre(kAccepted, kRejected, kAccepted, kRejected, kRejected,
                                            kAccepted, kRejected));
  EXPECT_THAT(result->reasons[1], HasSubstr("1000000000.00"));
}

TEST(Ingest, AttributesOfACustomer_AtTheLimitAndOneOver) {
  Shop shop;
  shop.Open();
  const auto naming = [](const std::string& id, int from, int to) {
    journal::EventRecord event = Purchase("c1", id, kStartUs, 0);
    event.type = journal::EventType::kAttributes;
    for (int i = from; i < to; ++i) event.attributes.emplace_back(absl::StrCat("n", i), true);
    return event;
  };
  const auto result = shop.Ingest(
      {naming("e1", 0, 200), naming("e2", 100, 256), naming("e3", 255, 257), naming("e4", 0, 256)});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->statuses, ElementsAre(kAccepted, kAccepted, kRejected, kAccepted));
  EXPECT_THAT(result->reasons[2], HasSubstr("256"));
  EXPECT_THAT(shop.Ingest({naming("e3", 256, 257)})->statuses, ElementsAre(kRejected));
  EXPECT_EQ(shop.engine->population().Get(1)->attributes.size(), 256u);
  // Nothing of a refused event stays: the customer of one that is refused whole is not known.
  EXPECT_EQ(shop.engine->population().size(), 1u);
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
