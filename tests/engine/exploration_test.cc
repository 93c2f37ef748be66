// Offers by lot: as often as declared, each as likely, from their own envelope, and no more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/decision/explain.h"
#include "server/decision/walk.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

constexpr int kCustomers = 600;

// Three offers that are never worth their cost, for 1.00 each, and one that is, for 0.10.
std::string Rules(const std::string& limit, const std::string& share) {
  const std::string yaml = absl::StrReplaceAll(
      ShopYaml(1'000), {{"    unplanned: 0\n", absl::StrCat("    exploration: {limit: ", limit,
                                                            ", share: ", share, "}\n")},
                        {"    class: service\n", "    lever: 0\n"}});
  return absl::StrCat(yaml, R"(
  - {id: gift, channel: email, plugin: steady, lever: 0, budget: lifecycle,
     offers: [{id: small, contact_cost: 1.00}, {id: large, contact_cost: 1.00}]}
  - {id: good, channel: email, plugin: steady, budget: lifecycle,
     offers: [{id: note, contact_cost: 0.10}]}
)");
}

class ExplorationTest : public testing::Test {
 protected:
  void Begin(const std::string& limit, const std::string& share) {
    shop.Open();
    ASSERT_TRUE(shop.Publish(ShopRulesOf(Rules(limit, share))).ok());
    std::vector<journal::EventRecord> events;
    for (int c = 0; c < kCustomers; ++c) {
      const std::string customer = absl::StrCat("c", c);
      events.push_back(Purchase(customer, absl::StrCat("e", c)));
      events.push_back(
          EmailConsent(customer, absl::StrCat("k", c), journal::ConsentState::kGranted));
    }
    ASSERT_TRUE(shop.Ingest(std::move(events)).ok());
    ASSERT_TRUE(shop.Activate(ShopModel()).ok());
  }

  // Decides for everybody; how often each offer came by lot, by campaign/offer.
  std::map<std::string, int> DecideAll() {
    std::map<std::string, int> lots;
    const auto rules = shop.engine->world()->rules;
    for (int c = 0; c < kCustomers; ++c) {
      const auto decision = shop.Decide(absl::StrCat("c", c));
      EXPECT_TRUE(decision.ok()) << decision.status();
      EXPECT_TRUE(decision::Replay(*rules, decision->record, decision->at_us).ok())
          << decision::Replay(*rules, decision->record, decision->at_us);
      EXPECT_EQ(decision->record.selections.size(), 1u);
      const journal::SelectionRecord& selection = decision->record.selections.front();
      const auto& candidate = decision->record.candidates[static_cast<size_t>(selection.candidate)];
      const rules::Campaign& campaign = rules->campaigns[candidate.campaign];
      const std::string offer =
          absl::StrCat(campaign.id, "/", campaign.offers[static_cast<size_t>(candidate.offer)].id);
      if (selection.lot_probability == 0) {
        EXPECT_EQ(offer, "good/note");
        continue;
      }
      ++lots[offer];
      EXPECT_EQ(selection.budget_node, absl::StrCat("lifecycle/exploration/", campaign.id));
      EXPECT_THAT(decision::Why(*rules, decision->record), testing::HasSubstr("given by lot"));
      probability_ = selection.lot_probability;
    }
    return lots;
  }

  Shop shop;
  double probability_ = 0;
};

TEST_F(ExplorationTest, ShareOfDecisions_IsGivenByLotEachOfferAlike) {
  Begin("1000", "40 %");
  const std::map<std::string, int> lots = DecideAll();
  EXPECT_EQ(probability_, 0.4 / 4);
  ASSERT_EQ(lots.size(), 4u);
  // Binomial: 60 of 600 each, standard deviation 7.3.
  for (const auto& [offer, times] : lots) EXPECT_NEAR(times, 60, 5 * 7.4) << offer;
  EXPECT_TRUE(shop.Verify().ok());
}

TEST_F(ExplorationTest, EnvelopeEmpty_DecidesAsWithout) {
  Begin("5", "40 %");
  DecideAll();
  const BudgetBalance spent = shop.Balance("lifecycle/exploration");
  EXPECT_LE(spent.held_micros, 5'000'000);
  EXPECT_GT(spent.held_micros, 4'000'000);
  EXPECT_TRUE(shop.Verify().ok());
}

TEST_F(ExplorationTest, NoShare_NeverByLot) {
  Begin("1000", "0 %");
  EXPECT_TRUE(DecideAll().empty());
}

}  // namespace
}  // namespace tenure::engine
