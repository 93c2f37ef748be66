// Planning on several threads, alone and beside an engine that decides and takes events.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/planning/model_fit.h"
#include "server/planning/plan.h"
#include "tests/decisions/case_file.h"
#include "tests/decisions/shop.h"
#include "tests/decisions/simulated_customers.h"

namespace tenure::planning {
namespace {

constexpr int kCustomers = 2'500;  // some chunks of the appraisal, so that each thread has work
constexpr int64_t kDayUs = 24 * 3'600 * int64_t{1'000'000};

journal::EventRecord Event(const std::string& customer, const std::string& id, int64_t at_us) {
  journal::EventRecord event;
  event.source = "test";
  event.event_id = absl::StrCat(customer, "-", id);
  event.customer_id = customer;
  event.happened_us = at_us;
  return event;
}

journal::EventRecord Purchase(const std::string& customer, const std::string& id, int64_t at_us) {
  journal::EventRecord event = Event(customer, id, at_us);
  event.amount_micros = 200'000'000;
  return event;
}

// The default rules and their model over a population of its own.
decisions::CaseFile Population() {
  const std::string root = std::getenv("TENURE_SOURCE_DIR");
  auto file = decisions::ReadCaseFile(root + "/tests/decisions/default_rules.yaml",
                                      root + "/rules/default");
  EXPECT_TRUE(file.ok()) << file.status();
  file->steps.clear();
  file->events.clear();
  decisions::AddSimulatedCustomers(kCustomers, 130, 7, &*file);
  return *std::move(file);
}

class PlanningThreads : public testing::Test {
 protected:
  PlanningThreads() {
    auto shop = decisions::Shop::Open(
        Population(), absl::StrCat(std::getenv("TENURE_BINARY_DIR"), "/lib/tenure/plugins"));
    EXPECT_TRUE(shop.ok()) << shop.status();
    shop_ = *std::move(shop);
  }

  absl::StatusOr<Plan> MakePlanWith(int threads) {
    PlanRequest request;
    request.budget = "lifecycle";
    request.at_us = shop_->engine().NowUs();
    request.threads = threads;
    request.progress = [this](double) { ++progress_; };
    return MakePlan(*shop_->engine().world(), shop_->engine().population(), request);
  }

  std::unique_ptr<decisions::Shop> shop_;
  std::atomic<int> progress_{0};
};

TEST_F(PlanningThreads, OneOrFour_MakeTheSamePlan) {
  const auto alone = MakePlanWith(1);
  const auto together = MakePlanWith(4);
  ASSERT_TRUE(alone.ok()) << alone.status();
  ASSERT_TRUE(together.ok()) << together.status();
  EXPECT_FALSE(alone->choices.empty());
  EXPECT_EQ(journal::Encode(alone->record), journal::Encode(together->record));
  EXPECT_GT(progress_, 0);
}

TEST_F(PlanningThreads, BesideDecisionsAndEvents_AllSucceed) {
  std::atomic<bool> done{false};
  std::atomic<int> answers{0};
  std::thread decider([&] {
    for (int i = 0; !done || i < 50; ++i) {
      const auto decision = shop_->Decide(absl::StrCat("c", i % kCustomers));
      EXPECT_TRUE(decision.ok()) << decision.status();
    }
  });
  std::thread writer([&] {
    for (int i = 0; !done || i < 50; ++i) {
      std::vector<journal::EventRecord> events;
      for (int e = 0; e < 10; ++e) {
        events.push_back(Purchase(absl::StrCat("c", (i * 10 + e) % (2 * kCustomers)),
                                  absl::StrCat("late", i), shop_->engine().NowUs()));
      }
      shop_->engine().Ingest(events, [&](auto result) { answers += result.ok(); });
      shop_->engine().health();
    }
  });
  const auto plan = MakePlanWith(3);
  EXPECT_TRUE(plan.ok()) << plan.status();
  const auto model = FitPopulation(shop_->engine().world()->rules, shop_->engine().population(),
                                   {.at_us = shop_->engine().NowUs()});
  EXPECT_TRUE(model.ok()) << model.status();
  done = true;
  decider.join();
  writer.join();
  EXPECT_TRUE(shop_->VerifyLedger().ok());  // and so every batch of events has been answered
  EXPECT_GT(answers, 0);
}

}  // namespace
}  // namespace tenure::planning
