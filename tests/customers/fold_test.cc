#include "server/customers/fold.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

using journal::ConsentState;

Customer Folded(const std::vector<journal::EventRecord>& events) {
  Names names;
  State state;
  for (const journal::EventRecord& event : events) Fold(event, &names, &state);
  return Unpack(state, "c", names);
}

TEST(Fold, RandomOrder_EqualsSortedOrder) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    std::vector<journal::EventRecord> events = RandomEvents(random.Below(60), &random);
    for (size_t i = 0; i < events.size(); ++i) {
      // Since when an attribute has a value that was said again does go by the order.
      for (auto& [name, value] : events[i].attributes) value = absl::StrCat("value ", i);
    }
    std::vector<journal::EventRecord> sorted = events;
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return a.happened_us < b.happened_us; });
    Population shuffled_population, sorted_population;
    ApplyAll("c", events, {}, &shuffled_population);
    ApplyAll("c", sorted, {}, &sorted_population);
    // A snapshot holds all of the state, and equal states give equal bytes.
    EXPECT_EQ(shuffled_population.Save(), sorted_population.Save());
  }
}

TEST(Consent, LateOlderGrant_DoesNotOverrideRevocation) {
  const Customer customer =
      Folded({ConsentEvent(kStart, "email", "marketing", ConsentState::kGranted),
              ConsentEvent(kStart + 10, "email", "marketing", ConsentState::kRevoked),
              ConsentEvent(kStart + 5, "email", "marketing", ConsentState::kGranted)});
  ASSERT_EQ(customer.consents.size(), 1u);
  EXPECT_EQ(customer.consents[0].state, ConsentState::kRevoked);
  EXPECT_EQ(customer.consents[0].at_us, kStart + 10);
}

TEST(Consent, NewerGrant_OverridesRevocation) {
  const Customer customer =
      Folded({ConsentEvent(kStart + 10, "email", "marketing", ConsentState::kRevoked),
              ConsentEvent(kStart + 11, "email", "marketing", ConsentState::kGranted)});
  EXPECT_EQ(customer.consents[0].state, ConsentState::kGranted);
}

TEST(Consent, SameInstant_TheMoreRestrictiveStands) {
  for (const bool revoked_first : {true, false}) {
    std::vector<journal::EventRecord> events = {
        ConsentEvent(kStart, "email", "marketing", ConsentState::kRevoked),
        ConsentEvent(kStart, "email", "marketing", ConsentState::kGranted)};
    if (!revoked_first) std::swap(events[0], events[1]);
    EXPECT_EQ(Folded(events).consents[0].state, ConsentState::kRevoked);
  }
}

TEST(Consent, ChannelsAndPurposes_AreApart) {
  const Customer customer =
      Folded({ConsentEvent(kStart, "sms", "marketing", ConsentState::kGranted),
              ConsentEvent(kStart, "email", "service", ConsentState::kGranted),
              ConsentEvent(kStart, "email", "marketing", ConsentState::kDenied)});
  ASSERT_EQ(customer.consents.size(), 3u);
  EXPECT_EQ(customer.consents[0].channel, "email");
  EXPECT_EQ(customer.consents[0].purpose, "marketing");
  EXPECT_EQ(customer.consents[2].channel, "sms");
}

TEST(Attributes, LateOlderValue_DoesNotOverride) {
  const Customer customer = Folded({AttributeEvent(kStart + 9, "region", std::string("West")),
                                    AttributeEvent(kStart + 2, "region", std::string("East")),
                                    AttributeEvent(kStart, "age", int64_t{40})});
  ASSERT_EQ(customer.attributes.size(), 2u);
  EXPECT_EQ(customer.attributes[0].name, "age");
  EXPECT_EQ(std::get<std::string>(customer.attributes[1].value), "West");
}

TEST(Attributes, SaidAgain_AreKnownSinceTheFirstTime) {
  const Customer customer = Folded({AttributeEvent(kStart, "region", std::string("West")),
                                    AttributeEvent(kStart + 9, "region", std::string("West")),
                                    AttributeEvent(kStart + 5, "region", std::string("East"))});
  ASSERT_EQ(customer.attributes.size(), 1u);
  EXPECT_EQ(customer.attributes[0].at_us, kStart);
  EXPECT_EQ(std::get<std::string>(customer.attributes[0].value), "West");
}

TEST(Engagements, OlderThanNinetyDaysBeforeTheLatest_AreDropped) {
  const Customer customer =
      Folded({Engagement(kStart), Engagement(kStart + 5), Engagement(kStart + 90 * kDay),
              Engagement(kStart + 91 * kDay), Engagement(kStart + kDay), Engagement(kStart)});
  ASSERT_EQ(customer.engagements.size(), 3u);
  EXPECT_EQ(customer.engagements[0].day, DayOf(kStart) + 1);
  EXPECT_EQ(customer.engagements[0].count, 1);
}

Contact MakeContact(int64_t at_us, uint64_t decision, const std::string& campaign) {
  Contact contact;
  contact.at_us = at_us;
  contact.decision = decision;
  contact.campaign = campaign;
  contact.channel = "email";
  contact.stage = "loyal";
  contact.tags = {"promo", "a:b", "", "7:x"};
  return contact;
}

TEST(Contacts, OlderThan400Days_AreDropped) {
  Names names;
  State state;
  FoldContact(MakeContact(kStart, 1, "a"), &names, &state);
  FoldContact(MakeContact(kStart + 400 * kDay, 2, "a"), &names, &state);
  EXPECT_EQ(Unpack(state, "c", names).contacts.size(), 2u);
  FoldContact(MakeContact(kStart + 400 * kDay + 1, 3, "a"), &names, &state);
  const Customer customer = Unpack(state, "c", names);
  ASSERT_EQ(customer.contacts.size(), 2u);
  EXPECT_EQ(customer.contacts[0].decision, 2u);
  EXPECT_EQ(customer.contacts[0].tags, (std::vector<std::string>{"promo", "a:b", "", "7:x"}));
}

TEST(Contacts, LastOfACampaign_IsKeptForGood) {
  Names names;
  State state;
  FoldContact(MakeContact(kStart, 1, "once"), &names, &state);
  FoldContact(MakeContact(kStart, 1, "a"), &names, &state);
  FoldContact(MakeContact(kStart + kDay, 2, "once"), &names, &state);
  for (int i = 0; i < 5; ++i) {
    FoldContact(MakeContact(kStart + (401 + i * 100) * kDay, 3, "a"), &names, &state);
  }
  const Customer customer = Unpack(state, "c", names);
  ASSERT_EQ(customer.contacts.size(), 6u);
  EXPECT_EQ(customer.contacts[0].campaign, "once");
  EXPECT_EQ(customer.contacts[0].decision, 2u);
  EXPECT_EQ(customer.contacts[1].campaign, "a");
}

TEST(Contacts, Settled_AreConfirmedOrGivenBack) {
  Names names;
  State state;
  FoldContact(MakeContact(kStart, 1, "a"), &names, &state);
  FoldContact(MakeContact(kStart, 1, "b"), &names, &state);
  FoldContact(MakeContact(kStart, 2, "a"), &names, &state);
  FoldSettlement(1, "b", true, names, &state);
  FoldSettlement(1, "a", false, names, &state);
  Customer customer = Unpack(state, "c", names);
  ASSERT_EQ(customer.contacts.size(), 2u);
  EXPECT_EQ(customer.contacts[0].campaign, "b");
  EXPECT_TRUE(customer.contacts[0].confirmed);
  EXPECT_FALSE(customer.contacts[1].confirmed);
  FoldSettlement(2, "", false, names, &state);
  EXPECT_EQ(Unpack(state, "c", names).contacts.size(), 1u);
}

}  // namespace
}  // namespace tenure::customers
