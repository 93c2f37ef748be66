#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

TEST(Change, BeforePublish_IsSeenByNobodyElse) {
  Population population;
  Change change(&population);
  const uint32_t number = change.FindOrAdd("a");
  change.Apply(number, Bought(kStart, 1'000'000), kStart, {});
  EXPECT_EQ(number, 1u);
  EXPECT_EQ(change.Find("a"), 1u);
  EXPECT_EQ(change.Get(1).purchases.size(), 1u);
  EXPECT_EQ(population.Find("a"), 0u);
  EXPECT_EQ(population.size(), 0u);
  EXPECT_EQ(population.Get(1).status().code(), absl::StatusCode::kNotFound);
  change.Publish();
  EXPECT_EQ(population.Find("a"), 1u);
  EXPECT_EQ(population.Get(1)->purchases.size(), 1u);
}

TEST(Change, Dropped_ForgetsCustomersAndTheirNumbers) {
  Population population;
  ApplyOne("a", Bought(kStart, 1'000'000), {}, &population);
  const std::string before = population.Save();
  {
    Change change(&population);
    EXPECT_EQ(change.FindOrAdd("b"), 2u);
    change.Apply(1, Bought(kStart + 1, 1'000'000, "lost category"), kStart + 1, {});
    change.SetLastSeq(1, 77);
  }
  EXPECT_EQ(population.Save(), before);
  Change change(&population);
  EXPECT_EQ(change.Find("b"), 0u);
  EXPECT_EQ(change.FindOrAdd("c"), 2u);
}

// What a change appends stands in the published customers' memory: nothing of it may be seen.
TEST(Change, DroppedAmongOthers_LeavesWhatTheOthersMake) {
  const Valuation valuation{
      MakeRules({{{"lifecycle", {{"new", "purchases < 5", ""}, {"loyal", "purchases >= 5", ""}}},
                  {"visits", {{"seen", "engagements_30d > 0", ""}, {"quiet", "true", ""}}}},
                 {},
                 {}}),
      MakeModel(),
      {1, 0.5, {}, {}, {}}};
  Random random(21);
  const std::vector<journal::EventRecord> events = RandomEvents(900, &random);
  Population tried, spared;
  Change change(&spared);
  const auto apply = [&](size_t first, Change* to) {
    for (size_t i = first; i < first + 9; ++i) {
      const uint32_t number = to->FindOrAdd(absl::StrCat("c", i % 7));
      to->Apply(number, events[i], kStart + static_cast<int64_t>(i) * kDay, valuation);
      Contact contact;
      contact.at_us = events[i].happened_us;
      contact.decision = i;
      contact.campaign = absl::StrCat("campaign ", i % 5);
      if (i % 2 == 0) to->AddContact(number, contact);
      if (i % 3 == 0) to->SettleContact(number, i - 2, i % 4 == 0);
      to->SetLastSeq(number, i);
    }
  };
  for (size_t first = 0; first < events.size(); first += 9) {
    const std::string before = tried.Save();
    {
      Change dropped(&tried);
      apply((first * 5) % 450, &dropped);
    }
    EXPECT_EQ(tried.Save(), before);
    Change kept(&tried);
    apply(first, &kept);
    kept.Publish();
    apply(first, &change);
    change.Publish();
  }
  EXPECT_EQ(tried.Save(), spared.Save());
}

TEST(Change, AfterPublish_StagesAfresh) {
  Population population;
  Change change(&population);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      const uint32_t number = change.FindOrAdd(absl::StrCat(round, ":", i));
      EXPECT_EQ(number, static_cast<uint32_t>(200 * round + i + 1));
      change.Apply(number, Bought(kStart, i), kStart, {});
      change.Apply(1, Bought(kStart + i, i), kStart + i, {});
    }
    change.Publish();
    EXPECT_EQ(population.size(), static_cast<uint32_t>(200 * (round + 1)));
  }
  EXPECT_EQ(population.Get(1)->purchases.size(), 601u);
  for (uint32_t number = 2; number <= 600; ++number) {
    const Customer customer = population.Get(number).value();
    EXPECT_EQ(population.Find(customer.id), number);
    EXPECT_EQ(customer.purchases.size(), 1u);
  }
}

TEST(Change, LastSeq_IsStagedAndPublished) {
  Population population;
  Change change(&population);
  const uint32_t number = change.FindOrAdd("a");
  EXPECT_EQ(change.LastSeq(number), 0u);
  change.SetLastSeq(number, 42);
  EXPECT_EQ(change.LastSeq(number), 42u);
  change.Publish();
  EXPECT_EQ(population.Get(number)->last_seq, 42u);
}

TEST(Change, ProfileOf_IsThePresentOne) {
  Population population;
  Change change(&population);
  const uint32_t number = change.FindOrAdd("a");
  Contact contact;
  contact.at_us = kStart;
  contact.decision = 9;
  contact.campaign = "welcome";
  change.AddContact(number, contact);
  change.Apply(number, ConsentEvent(kStart, "email", "marketing", journal::ConsentState::kGranted),
               kStart, {});
  const Profile profile = change.ProfileOf(number);
  EXPECT_EQ(profile.id, "a");
  EXPECT_EQ(profile.customer, number);
  ASSERT_EQ(profile.contacts.size(), 1u);
  EXPECT_EQ(profile.contacts[0].campaign, "welcome");
  ASSERT_EQ(profile.consents.size(), 1u);
  change.Publish();
  std::vector<Profile> gathered;
  population.Gather(absl::MakeConstSpan(&number, 1), kStart, {}, nullptr, &gathered);
  ASSERT_EQ(gathered.size(), 1u);
  EXPECT_EQ(gathered[0].contacts[0].decision, 9u);
}

TEST(Change, OneCustomerWith100000Events_Folds) {
  Population population;
  Random random(5);
  const Valuation valuation{
      MakeRules({{{"lifecycle", {{"new", "purchases < 10", ""}, {"loyal", "purchases >= 10", ""}}}},
                 {},
                 {}}),
      nullptr,
      {}};
  for (int batch = 0; batch < 100; ++batch) {
    Change change(&population);
    const uint32_t number = change.FindOrAdd("heavy");
    for (int i = 0; i < 1'000; ++i) {
      const int64_t at_us = kStart + (batch * 1'000 + i) * 60'000'000LL;
      // One in a thousand is late.
      const int64_t happened_us = i == 500 ? at_us - kDay : at_us;
      change.Apply(number, Bought(happened_us, 1'000'000), at_us, valuation);
    }
    change.Publish();
  }
  const Batch batch = FeaturesOf(population, 1, kStart + 100'000 * 60'000'000LL, valuation);
  EXPECT_EQ(ValueOf(batch, "purchases"), "100000");
  EXPECT_EQ(ValueOf(batch, "revenue_total"), "100000");
  EXPECT_EQ(ValueOf(batch, "stage"), "loyal");
}

}  // namespace
}  // namespace tenure::customers
