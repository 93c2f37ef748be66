#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

void Fill(Random* random, size_t customers, Population* population) {
  Valuation valuation;
  valuation.rules = MakeRules({{{"lifecycle",
                                 {{"prospect", "purchases == 0", ""},
                                  {"new", "purchases <= 3", ""},
                                  {"loyal", "purchases > 3", ""}}},
                                {"bulk", {{"yes", "revenue_total > 300.0", ""}}}},
                               {},
                               {}});
  const size_t zone_from = random->Below(300);  // then, or never, days of a zone
  for (size_t c = 0; c < customers; ++c) {
    Change change(population);
    if (c == zone_from) change.CountDaysBy(**DayCalendar::Of("Asia/Kolkata"));
    const uint32_t number = change.FindOrAdd(absl::StrCat("c", c));
    for (const auto& event : RandomEvents(random->Below(25), random)) {
      change.Apply(number, event, event.happened_us, valuation);
    }
    Contact contact;
    contact.at_us = kStart;
    contact.decision = c;
    contact.campaign = "win_back";
    contact.tags = {"promo"};
    if (random->Below(2) == 0) change.AddContact(number, contact);
    change.SetLastSeq(number, random->Next());
    change.Publish();
  }
}

TEST(Snapshot, RandomPopulation_RestoresExactly) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    Population population, restored;
    Fill(&random, random.Below(200), &population);
    const std::string bytes = population.Save();
    ASSERT_TRUE(restored.Restore(bytes).ok());
    EXPECT_EQ(restored.Save(), bytes);
    EXPECT_EQ(restored.days().zone(), population.days().zone());
    ASSERT_EQ(restored.size(), population.size());
    for (uint32_t number = 1; number <= population.size(); ++number) {
      const Customer a = population.Get(number).value(), b = restored.Get(number).value();
      EXPECT_EQ(restored.Find(a.id), number);
      EXPECT_EQ(a.id, b.id);
      EXPECT_EQ(a.last_seq, b.last_seq);
      EXPECT_EQ(a.purchases.size(), b.purchases.size());
      EXPECT_EQ(a.contacts.size(), b.contacts.size());
    }
    const Valuation valuation{nullptr, MakeModel(), {}};
    for (uint32_t number = 1; number <= population.size(); ++number) {
      const int64_t at_us = kStart + 800 * kDay;
      const Batch a = FeaturesOf(population, number, at_us, valuation);
      const Batch b = FeaturesOf(restored, number, at_us, valuation);
      for (const Field& field : a.schema().fields()) {
        EXPECT_EQ(ValueOf(a, field.name), ValueOf(b, field.name)) << field.name;
      }
    }
  }
}

TEST(Snapshot, RestoredPopulation_FoldsOn) {
  Random random(7);
  Population population, restored;
  Fill(&random, 50, &population);
  ASSERT_TRUE(restored.Restore(population.Save()).ok());
  for (Population* p : {&population, &restored}) {
    ApplyOne("c3", Bought(kStart + 1'000 * kDay, 5'000'000, "new category"), {}, p);
    ApplyOne("another", Bought(kStart, 5'000'000), {}, p);
  }
  EXPECT_EQ(population.Save(), restored.Save());
}

TEST(Snapshot, AnyFlippedBit_IsDataLoss) {
  Random random(11);
  Population population;
  Fill(&random, 30, &population);
  const std::string bytes = population.Save();
  for (int i = 0; i < 500; ++i) {
    std::string damaged = bytes;
    const size_t at = random.Below(bytes.size());
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.Below(8)));
    Population restored;
    EXPECT_EQ(restored.Restore(damaged).code(), absl::StatusCode::kDataLoss) << "byte " << at;
    EXPECT_EQ(restored.size(), 0u);
  }
}

TEST(Snapshot, AnyTruncation_IsDataLoss) {
  Random random(12);
  Population population;
  Fill(&random, 3, &population);
  const std::string bytes = population.Save();
  for (size_t length = 0; length < bytes.size(); ++length) {
    Population restored;
    EXPECT_EQ(restored.Restore(absl::string_view(bytes).substr(0, length)).code(),
              absl::StatusCode::kDataLoss);
  }
}

TEST(Snapshot, EmptyPopulation_Restores) {
  Population population, restored;
  ASSERT_TRUE(restored.Restore(population.Save()).ok());
  EXPECT_EQ(restored.size(), 0u);
}

}  // namespace
}  // namespace tenure::customers
