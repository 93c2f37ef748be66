#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

TEST(Threads, SixteenAtOnce_NeverOverspendAndEndInOneState) {
  Shop shop;
  Options options = shop.options();
  options.snapshot_every = 50;
  shop.Open(options);
  ASSERT_TRUE(shop.Publish(ShopRules(40)).ok());
  for (int c = 0; c < 8; ++c) {
    ASSERT_TRUE(shop.Ingest({Purchase(absl::StrCat("c", c), absl::StrCat("first", c))}).ok());
  }
  std::vector<std::thread> threads;
  std::atomic<int> selected{0};
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string customer = absl::StrCat("c", (t + i) % 8);
        if (t % 4 == 0) {
          EXPECT_TRUE(shop.Ingest({Purchase(customer, absl::StrCat(t, "-", i))}).ok());
        } else if (t % 4 == 1) {
          shop.engine->population().Get(1).status().IgnoreError();
          shop.Balance();
          shop.engine->health();
          if (i % 10 == 0) {
            EXPECT_TRUE(shop.Verify().ok());
          }
        } else {
          const auto decision = shop.Decide(customer, absl::StrCat("r", t, "-", i));
          ASSERT_TRUE(decision.ok()) << decision.status();
          if (const uint64_t hold = HoldOf(decision); hold != 0) {
            ++selected;
            EXPECT_TRUE(shop.CommitHold(hold, 1'000'000).ok());
          }
        }
        if (t == 0 && i == 10) {
          EXPECT_TRUE(shop.Publish(ShopRules(30)).ok());
        }
        if (t == 4 && i == 10) {
          EXPECT_TRUE(shop.Tick().ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(selected, 40);
  EXPECT_GE(selected, 30);
  EXPECT_EQ(shop.Balance().committed_micros, selected * int64_t{1'000'000});
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
}

}  // namespace
}  // namespace tenure::engine
