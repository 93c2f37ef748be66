// One command that can't be applied costs nobody else anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "absl/strings/str_cat.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;

// Rules that no compiler would pass: their holds are over when they begin.
std::shared_ptr<const rules::RuleSet> Unplaceable() {
  auto rules = std::make_shared<rules::RuleSet>(*ShopRules(1'000));
  rules->campaigns[0].hold_us = 0;
  return rules;
}

TEST(Isolation, DecisionThatCannotBeApplied_FailsAloneInItsBatch) {
  Shop shop;
  shop.Open();
  ASSERT_TRUE(shop.Publish(Unplaceable()).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  EXPECT_EQ(shop.Decide("c1", "r1").status().code(), StatusCode::kInternal);
  std::atomic<int> ruined{0};
  for (int i = 0; i < 50; ++i) {
    std::promise<absl::StatusOr<IngestResult>> ingested;
    for (int k = 0; k < 3; ++k) {
      shop.engine->Decide({{"test", absl::StrCat("r", i, "-", k), "d"}, "c1", false},
                          [](const absl::StatusOr<Decision>& decision) {
                            EXPECT_EQ(decision.status().code(), StatusCode::kInternal);
                          });
      shop.engine->Decide({{"test", absl::StrCat("dry", i, "-", k), "d"}, "c1", true},
                          [&](const absl::StatusOr<Decision>& decision) {
                            if (!decision.ok()) ++ruined;
                          });
    }
    shop.engine->Ingest({Purchase("c2", absl::StrCat("n", i))},
                        [&](auto result) { ingested.set_value(std::move(result)); });
    if (!ingested.get_future().get().ok()) ++ruined;
  }
  EXPECT_EQ(ruined, 0);
  EXPECT_EQ(shop.Balance().held_micros, 0);
  EXPECT_TRUE(shop.engine->population().Get(1)->contacts.empty());
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
}

// The same in one batch for sure: the queue is drained while the sequencer waits for this.
TEST(Isolation, RepeatAfterTheFailure_InTheSameBatchFindsItsEntry) {
  Shop shop;
  shop.Open();
  ASSERT_TRUE(shop.Publish(Unplaceable()).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  for (int round = 0; round < 20; ++round) {
    std::promise<void> done;
    std::promise<std::vector<absl::StatusOr<Decision>>> decided;
    std::promise<absl::StatusOr<IngestResult>> first, second;
    shop.engine->GetBalances([&](const auto&) { done.get_future().wait(); });
    shop.engine->BatchDecide({{{"test", absl::StrCat("r", round), "d"}, "c1"},
                              {{"test", absl::StrCat("s", round), "d"}, "c1"}},
                             [&](auto results) { decided.set_value(std::move(results)); });
    const std::string event = absl::StrCat("n", round);
    shop.engine->Ingest({Purchase("c2", event)},
                        [&](auto result) { first.set_value(std::move(result)); });
    shop.engine->Ingest({Purchase("c2", event)},
                        [&](auto result) { second.set_value(std::move(result)); });
    done.set_value();
    for (const auto& result : decided.get_future().get()) {
      EXPECT_EQ(result.status().code(), StatusCode::kInternal);
    }
    EXPECT_EQ(first.get_future().get()->statuses[0], EventStatus::kAccepted);
    EXPECT_EQ(second.get_future().get()->statuses[0], EventStatus::kDuplicate);
  }
}

}  // namespace
}  // namespace tenure::engine
