#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/base/random.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// An event of another kind than a purchase.
journal::EventRecord Other(const std::string& customer, const std::string& event_id, int64_t at_us,
                           Random* random) {
  const uint64_t kind = random->Below(4);
  if (kind == 0) return EmailConsent(customer, event_id, journal::ConsentState::kGranted, at_us);
  if (kind == 1) return EmailConsent(customer, event_id, journal::ConsentState::kRevoked, at_us);
  journal::EventRecord event = Purchase(customer, event_id, at_us, 0);
  if (kind == 2) {
    event.type = journal::EventType::kRefund;
    event.amount_micros = 1'000'000 + static_cast<int64_t>(random->Below(1'000'000));
    event.margin_micros = -event.amount_micros / 3;
  } else {
    event.type = journal::EventType::kAttributes;
    event.attributes = {
        {absl::StrCat("a", random->Below(5)), static_cast<int64_t>(random->Below(9))},
        {"region", std::string("West")}};
  }
  return event;
}

// Other rules, another model, or a plan for what is in force.
void Operate(Shop* shop, Random* random) {
  const uint64_t kind = random->Below(3);
  if (kind == 0) {
    // Another zone has everybody's days counted again.
    const absl::string_view zone = random->Below(3) == 0 ? "zone: Asia/Kolkata" : "zone: UTC";
    const std::string yaml = ShopYaml(20 + static_cast<int64_t>(random->Below(3)));
    EXPECT_TRUE(shop->Publish(ShopRulesOf(absl::StrReplaceAll(yaml, {{"zone: UTC", zone}}))).ok());
  } else if (kind == 1) {
    journal::ModelRecord model = ShopModel(1 + static_cast<double>(random->Below(3)));
    model.candidate = random->Below(3) == 0;
    const std::string hash = model.hash;
    EXPECT_TRUE(shop->Activate(std::move(model)).ok());
    if (random->Below(3) == 0) shop->engine->ActivateModel({}, hash, "again", nullptr);
  } else {
    const auto world = shop->engine->world();
    const BudgetBalance open = shop->Balance();
    journal::PlanRecord plan = ShopPlan(15'000'000, world->rules->hash, world->model_hash);
    plan.start_us = open.start_us;
    plan.end_us = open.end_us;
    EXPECT_TRUE(shop->Activate(plan).ok());
  }
}

// A history with everything in it: events of every kind, late and repeated, decisions, holds of
// every end, ticks, rules, models and plans.
void Live(Shop* shop, uint64_t seed) {
  Random random(seed);
  shop->Publish(ShopRules(20)).status().IgnoreError();
  std::vector<uint64_t> holds;
  for (int i = 0; i < 200; ++i) {
    const std::string customer = absl::StrCat("c", random.Below(20));
    switch (random.Below(8)) {
      case 0:
      case 1:
        shop->Ingest({Purchase(customer, absl::StrCat("e", random.Below(150)),
                               shop->clock.NowUs() -
                                   static_cast<int64_t>(random.Below(50)) * kMicrosPerHour)})
            .status()
            .IgnoreError();
        break;
      case 2:
      case 3:
        if (const uint64_t hold = HoldOf(shop->Decide(customer, absl::StrCat("r", i))); hold != 0) {
          holds.push_back(hold);
        }
        break;
      case 4:
        if (holds.empty()) break;
        if (random.Below(2) == 0) {
          shop->CommitHold(holds.back(), 500'000, absl::StrCat("k", i)).status().IgnoreError();
        } else {
          shop->ReleaseHold(holds.back()).status().IgnoreError();
        }
        holds.pop_back();
        break;
      case 5:
        shop->Ingest({Other(customer, absl::StrCat("o", random.Below(150)),
                            shop->clock.NowUs() -
                                static_cast<int64_t>(random.Below(50)) * kMicrosPerHour,
                            &random)})
            .status()
            .IgnoreError();
        break;
      case 6:
        if (random.Below(4) == 0) Operate(shop, &random);
        break;
      default:
        shop->clock.Advance(static_cast<int64_t>(random.Below(600)) * 60'000'000);
    }
  }
  // Else the next start would find time to pass.
  shop->Tick().status().IgnoreError();
}

// Ticks of three customers each, so that they take many entries.
void OpenWithShortTicks(Shop* shop) {
  Options options = shop->options();
  options.limits.customers_per_tick = 3;
  shop->Open(std::move(options));
}

void Rewrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class RecoveryTest : public testing::TestWithParam<uint64_t> {};

TEST_P(RecoveryTest, FullFold_GivesTheLiveStateBitForBit) {
  Shop shop;
  OpenWithShortTicks(&shop);
  Live(&shop, GetParam());
  shop.Close();
  const std::string live = shop.SnapshotBytes();
  ASSERT_FALSE(live.empty());
  std::filesystem::remove(shop.SnapshotPath());
  shop.Open();
  EXPECT_THAT(shop.engine->health().recovered_from, HasSubstr("full fold"));
  shop.Close();
  EXPECT_EQ(shop.SnapshotBytes(), live) << "seed " << GetParam();
}

TEST_P(RecoveryTest, SnapshotAndRest_GiveTheFullFoldBitForBit) {
  Shop shop;
  OpenWithShortTicks(&shop);
  Live(&shop, GetParam());
  shop.Close();
  shop.Open();
  EXPECT_THAT(shop.engine->health().recovered_from, HasSubstr("snapshot-"));
  Live(&shop, GetParam() + 1'000);
  shop.Close();
  const std::string from_snapshot = shop.SnapshotBytes();
  std::filesystem::remove(shop.SnapshotPath());
  shop.Open();
  shop.Close();
  EXPECT_EQ(shop.SnapshotBytes(), from_snapshot) << "seed " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecoveryTest, testing::Values(1, 2, 3));

TEST(Snapshot, AlteredCutOrOfAnotherVersion_MeansAFullFoldSaidAloud) {
  Shop shop;
  shop.Open();
  Live(&shop, 4);
  shop.Close();
  const std::string good = shop.SnapshotBytes();
  std::string altered = good;
  altered[good.size() / 2] = static_cast<char>(altered[good.size() / 2] ^ 1);
  std::string other_version = good;
  other_version[8] = 99;
  for (const std::string& bad : {altered, good.substr(0, good.size() - 1), std::string(),
                                 good.substr(0, 20), other_version}) {
    Rewrite(shop.SnapshotPath(), bad);
    shop.logged.clear();
    shop.severities.clear();
    shop.Open();
    EXPECT_THAT(shop.engine->health().recovered_from, HasSubstr("full fold"));
    ASSERT_FALSE(shop.logged.empty());
    EXPECT_THAT(shop.logged[0], HasSubstr("snapshot"));
    EXPECT_EQ(shop.severities[0], Severity::kWarning);
    shop.Close();
    EXPECT_EQ(shop.SnapshotBytes(), good);
  }
}

TEST(Snapshot, WriteCutByAKill_LeavesTheOlderOneInUse) {
  Shop shop;
  shop.Open();
  Live(&shop, 7);
  shop.Close();
  const std::string good = shop.SnapshotBytes();
  const std::string cut = shop.dir + "/new-snapshot";
  for (const size_t size : {size_t{0}, good.size() / 2, good.size()}) {
    Rewrite(cut, good.substr(0, size));
    shop.logged.clear();
    shop.Open();
    EXPECT_THAT(shop.engine->health().recovered_from, HasSubstr("snapshot-"));
    EXPECT_THAT(shop.logged, Contains(HasSubstr(absl::StrCat("Removed ", size, " bytes"))));
    EXPECT_FALSE(std::filesystem::exists(cut));
    shop.Close();
  }
}

TEST(Snapshot, ThatFailed_IsTriedAgainSoon) {
  Shop shop;
  Options options = shop.options();
  options.snapshot_every = 32;
  // Where the snapshot would be written stands something that can't be.
  const std::string obstacle = shop.dir + "/new-snapshot";
  shop.Open(options);
  std::filesystem::create_directory(obstacle);
  int next = 0;
  const auto ingest = [&](int count) {
    for (int i = 0; i < count; ++i, ++next) {
      ASSERT_TRUE(shop.Ingest({Purchase("c1", absl::StrCat("e", next))}).ok());
    }
  };
  ingest(33);
  std::filesystem::remove(obstacle);
  // Within a second round of entries, not after thirty-two more.
  for (int i = 0; i < 12 && shop.SnapshotPath().empty(); ++i) {
    ingest(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(shop.SnapshotPath().empty());
}

TEST(Snapshot, WithoutItsJournal_IsDataLossAndStaysSo) {
  Shop shop;
  shop.Open();
  Live(&shop, 7);
  shop.Close();
  const std::string snapshot = shop.SnapshotPath();
  for (const char* file : {"/journal.sqlite", "/journal.sqlite-wal", "/journal.sqlite-shm"}) {
    std::filesystem::remove(shop.dir + file);
  }
  for (int start = 0; start < 2; ++start) {  // the first one leaves an empty journal behind
    const auto engine = Engine::Open(shop.options());
    ASSERT_EQ(engine.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(engine.status().message()),
                testing::AllOf(HasSubstr(shop.dir), HasSubstr("snapshot-"), HasSubstr("backup"),
                               HasSubstr("remove snapshot-")));
  }
  std::filesystem::remove(snapshot);
  EXPECT_TRUE(Engine::Open(shop.options()).ok());
}

TEST(Snapshot, OfAnotherJournal_IsNotUsed) {
  Shop one, other;
  one.Open();
  Live(&one, 5);
  one.Close();
  other.Open();
  Live(&other, 6);
  other.Close();
  const std::string name = std::filesystem::path(one.SnapshotPath()).filename().string();
  std::filesystem::remove(other.SnapshotPath());
  std::filesystem::copy(one.SnapshotPath(), other.dir + "/" + name);
  other.Open();
  EXPECT_THAT(other.engine->health().recovered_from, HasSubstr("full fold"));
}

}  // namespace
}  // namespace tenure::engine
