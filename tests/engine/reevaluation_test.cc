// Decisions whose evaluation is overtaken before they are walked.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;

// The sequencer stands still from here until the guard is gone.
class Paused {
 public:
  explicit Paused(Shop* shop) {
    const auto reached = std::make_shared<std::promise<void>>();
    std::future<void> there = reached->get_future();
    shop->engine->GetBalances([reached, resume = resume_.get_future().share()](const auto&) {
      reached->set_value();
      resume.wait();
    });
    there.wait();
  }
  ~Paused() { resume_.set_value(); }

 private:
  std::promise<void> resume_;
};

// Long enough for the pool to evaluate what was just asked; were it not, nothing would be stale and
// the tests would show less, never something wrong.
void LetThePoolWork() { std::this_thread::sleep_for(std::chrono::milliseconds(100)); }

std::future<absl::StatusOr<Decision>> Ask(Shop* shop, const std::string& request_id) {
  auto decided = std::make_shared<std::promise<absl::StatusOr<Decision>>>();
  shop->engine->Decide({{"test", request_id, "d"}, "c1", false},
                       [decided](auto result) { decided->set_value(std::move(result)); });
  return decided->get_future();
}

TEST(Reevaluation, SlowPolicyOfNewRules_HoldsNobodyElseUp) {
  Shop shop;
  shop.Open();
  ASSERT_TRUE(shop.Publish(ShopRules(10)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  const std::string file = shop.dir + "/wait";
  std::ofstream(file) << "on";
  const auto slow = ShopRules(10, absl::StrCat("    params: {wait_while: ", file, "}\n"));
  std::promise<absl::StatusOr<uint64_t>> published;
  std::future<absl::StatusOr<Decision>> decided;
  {
    const Paused paused(&shop);
    shop.engine->PublishRules({}, slow, [&](auto seq) { published.set_value(seq); });
    decided = Ask(&shop, "r1");
    LetThePoolWork();
  }
  ASSERT_TRUE(published.get_future().get().ok());
  // The policy waits, and this is answered.
  ASSERT_TRUE(shop.Ingest({Purchase("c2", "e2")}).ok());
  EXPECT_EQ(decided.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  std::filesystem::remove(file);
  const auto decision = decided.get();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->record.rule_set, slow->hash);
}

TEST(Reevaluation, ConsentThatCameBetween_IsSeen) {
  Shop shop;
  shop.Open();
  ASSERT_TRUE(shop.Publish(ShopRules(10)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1", kStartUs - 40 * kMicrosPerDay)}).ok());
  std::future<absl::StatusOr<Decision>> decided;
  {
    const Paused paused(&shop);
    shop.engine->Ingest({Purchase("c1", "e2")}, nullptr);  // from silent to active
    decided = Ask(&shop, "r1");
    LetThePoolWork();
  }
  const auto decision = decided.get();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->record.stage, "active");
}

TEST(Reevaluation, AtTheEnd_IsAnsweredAndNothingIsRecorded) {
  Shop shop;
  shop.Open();
  ASSERT_TRUE(shop.Publish(ShopRules(10)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  std::future<absl::StatusOr<Decision>> decided;
  std::thread closing;
  {
    const Paused paused(&shop);
    shop.engine->PublishRules({}, ShopRules(11), nullptr);
    decided = Ask(&shop, "r1");
    LetThePoolWork();
    closing = std::thread([&] { shop.Close(); });
    LetThePoolWork();
  }
  closing.join();
  // Answered either way: by whom depends on who was quicker.
  const auto decision = decided.get();
  if (!decision.ok()) {
    EXPECT_EQ(decision.status().code(), StatusCode::kUnavailable);
  }
}

}  // namespace
}  // namespace tenure::engine
