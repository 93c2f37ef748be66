// Versions of the value model: recorded, listed, put in force again, and the same after a restart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelVersionsTest : public testing::Test {
 protected:
  ModelVersionsTest() {
    shop.Open();
    EXPECT_TRUE(shop.Publish(ShopRules(20)).ok());
  }

  absl::StatusOr<uint64_t> Record(int number, bool candidate = false) {
    journal::ModelRecord record = ShopModel(number);
    record.candidate = candidate;
    shop.clock.Advance(kMicrosPerSecond);
    return shop.Activate(std::move(record));
  }
  absl::StatusOr<uint64_t> PutInForce(int number, const std::string& request_id = "",
                                      const std::string& digest = "d") {
    std::promise<absl::StatusOr<uint64_t>> promise;
    shop.clock.Advance(kMicrosPerSecond);
    shop.engine->ActivateModel({"ann", request_id, digest}, ShopModel(number).hash, "a test",
                               [&](absl::StatusOr<uint64_t> seq) { promise.set_value(seq); });
    return promise.get_future().get();
  }
  std::string InForce() { return shop.engine->GetModel().value().hash; }
  // Every version by pages of `size`: "model-3 at 5 active 6".
  std::vector<std::string> List(size_t size) {
    std::vector<std::string> all;
    uint64_t from = 0;
    do {
      const auto page = shop.engine->ListModels(from, size);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return all;
      for (const ModelVersion& version : page->versions) {
        all.push_back(absl::StrCat(version.record->hash, " at ",
                                   (version.at_us - kStartUs) / kMicrosPerSecond));
        if (version.activated_us != 0) {
          absl::StrAppend(&all.back(), " active ",
                          (version.activated_us - kStartUs) / kMicrosPerSecond);
        }
      }
      from = page->next;
    } while (from != 0);
    return all;
  }

  Shop shop;
};

TEST_F(ModelVersionsTest, Candidate_IsRecordedAndLeavesTheModelInForce) {
  ASSERT_TRUE(Record(1).ok());
  const auto world = shop.engine->world();
  ASSERT_TRUE(Record(2, /*candidate=*/true).ok());
  EXPECT_EQ(InForce(), "model-1");
  EXPECT_EQ(shop.engine->world()->model_hash, "model-1");
  EXPECT_THAT(List(10), ElementsAre("model-2 at 2", "model-1 at 1 active 1"));
  EXPECT_EQ(shop.engine->FindModelVersion("model-2")->record->candidate, true);
}

TEST_F(ModelVersionsTest, EarlierVersion_IsPutInForceAgainByOneEntry) {
  ASSERT_TRUE(Record(1).ok());
  ASSERT_TRUE(Record(2).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c", "e")}).ok());
  const auto seq = PutInForce(1, "r");
  ASSERT_TRUE(seq.ok()) << seq.status();
  EXPECT_EQ(InForce(), "model-1");
  EXPECT_EQ(shop.engine->world()->model_hash, "model-1");
  EXPECT_EQ(shop.engine->world()->valuation.model->ToJson(), ShopModel(1).model_json);
  EXPECT_EQ(shop.Decide("c").value().record.model, "model-1");
  EXPECT_THAT(List(1), ElementsAre("model-2 at 2 active 2", "model-1 at 1 active 3"));
  const journal::ModelRecord record = shop.engine->GetModel(*seq).value();
  EXPECT_EQ(record.reason, "a test");
  EXPECT_EQ(record.caller, "ann");
}

TEST_F(ModelVersionsTest, RepeatedActivation_IsAnsweredByTheFirst) {
  ASSERT_TRUE(Record(1).ok());
  ASSERT_TRUE(Record(2).ok());
  const uint64_t first = PutInForce(1, "r").value();
  ASSERT_TRUE(PutInForce(2, "s").ok());
  EXPECT_EQ(PutInForce(1, "r").value(), first);
  EXPECT_EQ(InForce(), "model-2");
  EXPECT_EQ(PutInForce(1, "r", "other").status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ModelVersionsTest, UnknownName_NamesThoseThereAre) {
  EXPECT_THAT(std::string(PutInForce(7).status().message()), HasSubstr("tenure models fit"));
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(Record(i, i > 2).ok());
  const absl::Status status = PutInForce(7).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "there is no models/model-7; the last ones are models/model-6, models/model-5, "
            "models/model-4, models/model-3 …; `tenure models list` shows all");
}

TEST_F(ModelVersionsTest, SameModelFittedAgain_IsOneVersion) {
  ASSERT_TRUE(Record(1).ok());
  ASSERT_TRUE(Record(2).ok());
  ASSERT_TRUE(Record(1, /*candidate=*/true).ok());
  EXPECT_THAT(List(1), ElementsAre("model-1 at 3 active 1", "model-2 at 2 active 2"));
}

// More than are at hand: the journal has the rest, and they can be put in force too.
TEST_F(ModelVersionsTest, ManyVersions_AreAllListedAndTheOldestComesBack) {
  constexpr int kMany = static_cast<int>(kModelVersionsKept) + 9;
  for (int i = 1; i <= kMany; ++i) ASSERT_TRUE(Record(i, i % 3 == 0).ok());
  ASSERT_TRUE(PutInForce(1).ok());
  EXPECT_EQ(InForce(), "model-1");
  for (const size_t size : {1u, 7u, 100u}) {
    const std::vector<std::string> all = List(size);
    ASSERT_EQ(all.size(), static_cast<size_t>(kMany)) << size;
    EXPECT_THAT(all.front(), HasSubstr(absl::StrCat("model-", kMany, " ")));
    EXPECT_THAT(all.back(), HasSubstr("model-1 "));
  }
}

TEST_F(ModelVersionsTest, Restart_GivesTheSameVersionsFromSnapshotAndFromTheFold) {
  constexpr int kMany = static_cast<int>(kModelVersionsKept) + 3;
  for (int i = 1; i <= kMany; ++i) ASSERT_TRUE(Record(i, i % 2 == 0).ok());
  ASSERT_TRUE(PutInForce(20).ok());
  const std::vector<std::string> before = List(100);
  shop.Close();
  shop.Open();
  EXPECT_THAT(shop.engine->health().recovered_from, HasSubstr("snapshot"));
  EXPECT_EQ(InForce(), "model-20");
  EXPECT_EQ(List(100), before);
  shop.Close();
  const std::string snapshot = shop.SnapshotBytes();
  shop.RemoveSnapshot();
  shop.Open();
  EXPECT_EQ(InForce(), "model-20");
  EXPECT_EQ(List(100), before);
  shop.Close();
  EXPECT_EQ(shop.SnapshotBytes(), snapshot);
}

}  // namespace
}  // namespace tenure::engine
