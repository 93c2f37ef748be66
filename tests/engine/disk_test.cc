// Money on a disk that fails: at every single write and sync of a history that uses every movement.
// What is refused has moved nothing; the repeat moves it once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/engine/failing_disk.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;
constexpr int64_t kUnit = 1'000'000;

constexpr char kRules[] = R"(
name: shop
currency: USD
zone: UTC
tracks:
  - id: lifecycle
    stages: [{id: any, enter: purchases >= 0}]
budgets:
  - {id: lifecycle, period: month, limit: 12, unplanned: 0, per_customer: 11, carry_over: unspent,
     segments: [{id: everybody}]}
campaigns:
  - id: coupon
    class: service
    channel: email
    plugin: steady
    offers:
      - {id: ten, contact_cost: 1.00, discount: 9.00, valid_days: 20, reserve: at_redemption}
    budget: lifecycle
)";

class DiskTest : public testing::Test {
 protected:
  Options options(Shop* shop) const {
    Options options = shop->options();
    options.durability = journal::Durability::kPowerLoss;
    return options;
  }

  // Asks until it is answered; a server that refuses to go on is started again.
  template <typename Ask>
  auto Insist(Shop* shop, Ask ask) {
    for (int tries = 0;; ++tries) {
      auto result = ask();
      if (result.ok() || tries == 4) return result;
      EXPECT_EQ(result.status().code(), StatusCode::kUnavailable) << result.status();
      const std::string why(result.status().message());
      refusals.push_back(why);
      if (absl::StrContains(why, "started again")) {
        shop->Close();
        shop->Open(options(shop));
      } else {
        EXPECT_TRUE(absl::StrContains(why, "repeat the request with the same id")) << why;
      }
      // Nothing is half held: what counters say is what holds and journal say.
      EXPECT_TRUE(shop->Verify().ok()) << shop->Verify().status();
    }
  }

  // Every movement of money there is, each under a request id.
  void MoveMoney(Shop* shop) {
    const auto rules = ShopRulesOf(kRules);
    Insist(shop, [&] { return shop->Publish(rules); }).status().IgnoreError();
    Insist(shop,
           [&] {
             return shop->Ingest({Purchase("c1", "e1"), Purchase("c2", "e2")});
           })
        .status()
        .IgnoreError();
    const uint64_t coupon = HoldOf(Insist(shop, [&] { return shop->Decide("c1", "d1"); }));
    const uint64_t other = HoldOf(Insist(shop, [&] { return shop->Decide("c2", "d2"); }));
    ASSERT_NE(coupon, 0u);
    ASSERT_NE(other, 0u);
    EXPECT_TRUE(Insist(shop, [&] { return shop->CommitHold(coupon, kUnit, "c1"); }).ok());
    const auto redeemed = Insist(shop, [&] { return shop->Redeem(coupon, 9 * kUnit, "r1"); });
    ASSERT_TRUE(redeemed.ok()) << redeemed.status();
    const uint64_t hold = redeemed->hold_id;
    EXPECT_TRUE(Insist(shop, [&] { return shop->CommitHold(hold, 8 * kUnit, "c2"); }).ok());
    EXPECT_TRUE(Insist(shop, [&] { return shop->RefundHold(hold, 3 * kUnit, "b1"); }).ok());
    EXPECT_TRUE(Insist(shop, [&] { return shop->RefundHold(hold, 5 * kUnit, "b2"); }).ok());
    EXPECT_TRUE(Insist(shop, [&] { return shop->ReleaseHold(other, "l1"); }).ok());
    EXPECT_TRUE(Insist(shop, [&] { return shop->Redeem(coupon, 7 * kUnit, "r2"); }).ok());
    shop->clock.Advance(16 * 60 * kMicrosPerSecond);
    EXPECT_TRUE(Insist(shop, [&] { return shop->Tick(); }).ok());
    EXPECT_TRUE(Insist(shop, [&] { return shop->Redeem(coupon, 6 * kUnit, "r3"); }).ok());
  }

  void ExpectMoved(Shop* shop, const std::string& where) {
    EXPECT_EQ(shop->Balance().committed_micros, kUnit) << where;
    EXPECT_EQ(shop->Balance().held_micros, 6 * kUnit) << where;
    EXPECT_EQ(shop->Balance().refunded_micros, 8 * kUnit) << where;
    EXPECT_TRUE(shop->Verify().ok()) << where << ": " << shop->Verify().status();
    shop->Close();
    shop->RemoveSnapshot();
    shop->Open();
    EXPECT_EQ(shop->Balance().held_micros, 6 * kUnit) << where;
    EXPECT_TRUE(shop->Verify().ok()) << where << ": " << shop->Verify().status();
  }

  std::vector<std::string> refusals;
};

TEST_F(DiskTest, FullAtAnyWrite_LeavesNothingHalfHeldAndTheRepeatHoldsOnce) {
  FailingDisk disk;
  int writes = 0;
  {
    Shop calm;
    calm.Open(options(&calm));
    disk.FillAtWrite(1'000'000);
    MoveMoney(&calm);
    writes = disk.writes();
    ExpectMoved(&calm, "calm");
  }
  ASSERT_GT(writes, 20);
  ASSERT_TRUE(refusals.empty());
  for (int k = 1; k <= writes; k += 3) {
    Shop shop;
    shop.Open(options(&shop));
    disk.FillAtWrite(k, k % 4);
    MoveMoney(&shop);
    ExpectMoved(&shop, absl::StrCat("full at write ", k));
  }
  EXPECT_GT(refusals.size(), 5u);
}

TEST_F(DiskTest, AnySyncThatFails_RefusesWritesUntilStartedAgainAndLosesNothing) {
  FailingDisk disk;
  int syncs = 0;
  {
    Shop calm;
    calm.Open(options(&calm));
    disk.FailAtSync(1'000'000);
    MoveMoney(&calm);
    syncs = disk.syncs();
    ExpectMoved(&calm, "calm");
  }
  ASSERT_GT(syncs, 10);
  for (int k = 1; k <= syncs; ++k) {
    Shop shop;
    shop.Open(options(&shop));
    disk.FailAtSync(k);
    MoveMoney(&shop);
    ExpectMoved(&shop, absl::StrCat("sync ", k, " fails"));
  }
  EXPECT_GT(refusals.size(), 5u);
}

TEST_F(DiskTest, FullForAWhile_RefusesClearlyAndGoesOnAfterwards) {
  FailingDisk disk;
  Shop shop;
  shop.Open(options(&shop));
  const auto rules = ShopRulesOf(kRules);
  ASSERT_TRUE(shop.Publish(rules).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  disk.FillAtWrite(1, 1'000'000);
  for (int i = 0; i < 3; ++i) {
    const auto refused = shop.Decide("c1", "d");
    EXPECT_EQ(refused.status().code(), StatusCode::kUnavailable);
    EXPECT_THAT(std::string(refused.status().message()), testing::HasSubstr("disk"));
    EXPECT_EQ(shop.Balance().held_micros, 0);
  }
  EXPECT_FALSE(shop.engine->health().writes_ok);
  disk.FillAtWrite(1'000'000);
  EXPECT_NE(HoldOf(shop.Decide("c1", "d")), 0u);
  EXPECT_TRUE(shop.engine->health().writes_ok);
  EXPECT_EQ(shop.Balance().held_micros, kUnit);
}

}  // namespace
}  // namespace tenure::engine
