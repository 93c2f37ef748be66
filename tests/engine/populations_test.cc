// A model for each of several populations: in force, in decisions, and the same after restarts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/clv/population_models.h"
#include "server/decision/explain.h"
#include "server/rules/features.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

// The shop's rules with a population of members, and one that no model will know.
std::shared_ptr<const rules::RuleSet> PopulationRules() {
  return ShopRulesOf(absl::StrCat(ShopYaml(20), R"(
attributes: [{name: plan}]
value:
  populations:
    - {name: gym, when: customer.plan == "gym", model: sbg, time_unit_days: 31}
    - {name: new_one, when: customer.plan == "new"}
)"));
}

journal::ModelRecord PopulationsModel() {
  clv::ValueParameters parameters;
  parameters.model = "sbg";
  parameters.purchase = {0.7, 3.1};
  parameters.spend = {6, 4, 15};
  clv::ValueOptions options;
  options.time_unit_days = 31;
  clv::Population gym;
  gym.name = "gym";
  gym.model = clv::ValueModel::Create(parameters, options).value();
  journal::ModelRecord record = ShopModel();
  const auto pooled = clv::ValueModel::FromJson(record.model_json).value();
  record.model_json = clv::PopulationModels::Create("", pooled, {gym}).value()->ToJson();
  record.hash = "populations";
  return record;
}

journal::EventRecord PlanOf(const std::string& customer, const std::string& plan) {
  journal::EventRecord event = Purchase(customer, absl::StrCat("plan-", customer));
  event.type = journal::EventType::kAttributes;
  event.amount_micros = 0;
  event.attributes.emplace_back("plan", plan);
  return event;
}

class PopulationsTest : public testing::Test {
 protected:
  PopulationsTest() { shop.Open(); }

  // "population: clv" of each of the three, as decisions have recorded it.
  std::vector<std::string> Values(const std::string& run) {
    std::vector<std::string> values;
    for (const char* customer : {"member", "shopper", "newcomer"}) {
      const auto decision = shop.Decide(customer, absl::StrCat(run, customer));
      EXPECT_TRUE(decision.ok()) << decision.status();
      if (!decision.ok()) continue;
      const auto rules = shop.engine->GetRules(decision->record.rule_set).value();
      const Batch row = decision::DecodeFeatures(*rules, decision->record.features).value();
      const ColumnView population = row.column(rules::kPopulation);
      values.push_back(
          absl::StrCat(population.IsValid(0) ? population.String(0) : absl::string_view("none"),
                       ": ", row.column(rules::kClv).Double(0)));
    }
    return values;
  }
  void IngestThree() {
    std::vector<journal::EventRecord> events = {PlanOf("member", "gym"), PlanOf("newcomer", "new")};
    for (const char* customer : {"member", "shopper", "newcomer"}) {
      events.push_back(
          Purchase(customer, absl::StrCat("a-", customer), kStartUs - 31 * kMicrosPerDay));
      events.push_back(Purchase(customer, absl::StrCat("b-", customer)));
    }
    ASSERT_TRUE(shop.Ingest(events).ok());
  }

  Shop shop;
};

TEST_F(PopulationsTest, RulesBeforeOrAfterTheModel_MeetByName) {
  ASSERT_TRUE(shop.Publish(ShopRules(20)).ok());
  ASSERT_TRUE(shop.Activate(PopulationsModel()).ok());
  IngestThree();
  const std::vector<std::string> pooled = Values("a");
  ASSERT_EQ(pooled.size(), 3u);
  EXPECT_EQ(pooled[0], pooled[1]);
  EXPECT_EQ(pooled[0].substr(0, 6), "none: ");
  ASSERT_TRUE(shop.Publish(PopulationRules()).ok());
  const std::vector<std::string> parted = Values("b");
  EXPECT_EQ(parted[0].substr(0, 5), "gym: ");
  EXPECT_NE(parted[0].substr(5), pooled[0].substr(6));
  // Neither is in the model: the pooled one values both, as before.
  EXPECT_EQ(parted[1], absl::StrCat("rest: ", pooled[1].substr(6)));
  EXPECT_EQ(parted[2], absl::StrCat("new_one: ", pooled[1].substr(6)));
}

TEST_F(PopulationsTest, Restarts_BySnapshotAndByTheJournalAlone_ValueTheSame) {
  ASSERT_TRUE(shop.Publish(PopulationRules()).ok());
  ASSERT_TRUE(shop.Activate(ShopModel(3)).ok());
  ASSERT_TRUE(shop.Activate(PopulationsModel()).ok());
  IngestThree();
  shop.clock.Advance(40 * kMicrosPerDay);
  ASSERT_TRUE(shop.Tick().ok());
  const std::vector<std::string> before = Values("a");
  const std::string model = shop.engine->world()->valuation.populations->ToJson();
  for (const bool by_snapshot : {true, false}) {
    SCOPED_TRACE(by_snapshot);
    shop.Close();
    if (!by_snapshot) shop.RemoveSnapshot();
    shop.Open();
    ASSERT_NE(shop.engine->world()->valuation.populations, nullptr);
    EXPECT_EQ(shop.engine->world()->valuation.populations->ToJson(), model);
    EXPECT_EQ(Values(absl::StrCat("b", by_snapshot)), before);
    const auto verified = shop.Verify();
    EXPECT_TRUE(verified.ok()) << verified.status();
  }
  // Rolled back to one model for all, and there again.
  std::promise<absl::StatusOr<uint64_t>> promise;
  shop.engine->ActivateModel({"ann", "back", "d"}, ShopModel(3).hash, "",
                             [&](absl::StatusOr<uint64_t> seq) { promise.set_value(seq); });
  ASSERT_TRUE(promise.get_future().get().ok());
  EXPECT_EQ(shop.engine->world()->valuation.populations, nullptr);
  EXPECT_NE(Values("c")[0], before[0]);
  ASSERT_TRUE(shop.engine->FindModelVersion("populations").ok());
}

}  // namespace
}  // namespace tenure::engine
