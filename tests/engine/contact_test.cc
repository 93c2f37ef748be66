// What remains of a contact when its hold ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/decision/candidates.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using journal::ConsentState;

constexpr int64_t kMinute = 60 * kMicrosPerSecond;

class ContactTest : public testing::Test {
 protected:
  void Open(const std::string& extra, const std::string& caps = "") {
    shop.Open();
    ASSERT_TRUE(shop.Publish(ShopRulesOf(caps + ShopYaml(1'000, extra))).ok());
    ASSERT_TRUE(
        shop.Ingest({Purchase("c1", "e1"), EmailConsent("c1", "yes", ConsentState::kGranted)})
            .ok());
  }
  size_t Selected() { return shop.Decide("c1")->record.selections.size(); }
  Shop shop;
};

TEST_F(ContactTest, ExpiredHold_KeepsTheCooldown) {
  Open("    cooldown: 30d\n");
  EXPECT_EQ(Selected(), 1u);
  shop.clock.Advance(16 * kMinute);
  EXPECT_EQ(Selected(), 0u);
  EXPECT_EQ(shop.Balance().held_micros, 0);
  shop.clock.Advance(30 * kMicrosPerDay);
  EXPECT_EQ(Selected(), 1u);
}

TEST_F(ContactTest, ExpiredHold_KeepsOnce) {
  Open("    reentry: once\n");
  EXPECT_EQ(Selected(), 1u);
  shop.clock.Advance(16 * kMinute);
  EXPECT_EQ(Selected(), 0u);
}

TEST_F(ContactTest, ExpiredHold_CountsTowardCaps) {
  Open("    obeys_caps: true\n", "caps:\n  - {id: weekly, count: 1, rolling: 7d}\n");
  EXPECT_EQ(Selected(), 1u);
  shop.clock.Advance(16 * kMinute);
  EXPECT_EQ(Selected(), 0u);
  shop.Close();
  shop.Open();
  EXPECT_EQ(Selected(), 0u);
  shop.clock.Advance(7 * kMicrosPerDay);
  EXPECT_EQ(Selected(), 1u);
}

TEST_F(ContactTest, ReleasedHold_GivesOnceBack) {
  Open("    reentry: once\n");
  const uint64_t hold = HoldOf(shop.Decide("c1"));
  ASSERT_NE(hold, 0u);
  ASSERT_TRUE(shop.ReleaseHold(hold).ok());
  EXPECT_EQ(Selected(), 1u);
}

// Two campaigns, so that the other's contacts move the window on.
TEST_F(ContactTest, OnceHoldsForEver) {
  shop.Open();
  const std::string other =
      "    reentry: once\n    priority: 10\n"
      "  - id: note\n    class: service\n    channel: email\n    plugin: steady\n"
      "    offers: [{id: card, contact_cost: 1.00}]\n    budget: lifecycle\n";
  ASSERT_TRUE(shop.Publish(ShopRules(1'000, other)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  EXPECT_EQ(shop.Decide("c1")->record.candidates[0].outcome, journal::Outcome::kSelected);
  for (int month = 0; month < 30; ++month) {
    shop.clock.Advance(31 * kMicrosPerDay);
    const auto decision = shop.Decide("c1");
    ASSERT_TRUE(decision.ok()) << decision.status();
    EXPECT_EQ(decision::ViewCandidates(decision->record)[0].gate, journal::Gate::kReentry) << month;
    EXPECT_EQ(decision->record.selections.size(), 1u) << month;
  }
  int thanks = 0;
  const auto customer = shop.engine->population().Get(1);
  ASSERT_TRUE(customer.ok());
  for (const customers::Contact& contact : customer->contacts) {
    thanks += contact.campaign == "thanks";
  }
  EXPECT_EQ(thanks, 1);
}

TEST_F(ContactTest, Revocation_ReleasesTheOpenHoldsOfItsChannel) {
  Open("");
  const uint64_t open = HoldOf(shop.Decide("c1"));
  const uint64_t committed = HoldOf(shop.Decide("c1"));
  ASSERT_TRUE(shop.CommitHold(committed, 400'000).ok());
  const auto revoked = shop.Ingest({EmailConsent("c1", "no", ConsentState::kRevoked)});
  ASSERT_TRUE(revoked.ok());
  EXPECT_EQ(shop.GetHold(open)->state, "RELEASED");
  EXPECT_EQ(shop.GetHold(committed)->state, "COMMITTED");
  EXPECT_EQ(shop.Balance().held_micros, 0);
  EXPECT_EQ(shop.Balance().committed_micros, 400'000);
  EXPECT_EQ(shop.engine->population().Get(1)->contacts.size(), 1u);
  EXPECT_EQ(shop.engine->health().last_seq, revoked->last_seq);
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
  // Said twice, it is released once.
  ASSERT_TRUE(shop.Ingest({EmailConsent("c1", "no", ConsentState::kRevoked)}).ok());
  ASSERT_TRUE(shop.Ingest({EmailConsent("c1", "no again", ConsentState::kRevoked)}).ok());
  EXPECT_EQ(shop.engine->health().last_seq, revoked->last_seq + 1);
  shop.Close();
  const std::string bytes = shop.SnapshotBytes();
  shop.RemoveSnapshot();
  shop.Open();
  EXPECT_EQ(shop.GetHold(open)->state, "RELEASED");
  shop.Close();
  EXPECT_EQ(shop.SnapshotBytes(), bytes);
}

TEST_F(ContactTest, DenialAnotherChannelOrALateRevocation_ReleaseNothing) {
  Open("");
  const uint64_t hold = HoldOf(shop.Decide("c1"));
  journal::EventRecord sms = EmailConsent("c1", "sms", ConsentState::kRevoked);
  sms.channel = "sms";
  ASSERT_TRUE(shop.Ingest({sms, EmailConsent("c1", "before", ConsentState::kRevoked,
                                             kStartUs - kMicrosPerDay)})
                  .ok());
  EXPECT_EQ(shop.GetHold(hold)->state, "HELD");
  ASSERT_TRUE(shop.Ingest({EmailConsent("c1", "denied", ConsentState::kDenied)}).ok());
  EXPECT_EQ(shop.GetHold(hold)->state, "HELD");
}

}  // namespace
}  // namespace tenure::engine
