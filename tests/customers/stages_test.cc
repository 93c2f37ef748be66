#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

RulesText Lifecycle() {
  return {{{"lifecycle",
            {{"prospect", "purchases == 0", ""},
             {"new", "purchases == 1 && days_since_last_purchase < 60.0", ""},
             {"repeat", "purchases > 1 && days_since_last_purchase < 60.0", ""},
             {"dormant", "days_since_last_purchase >= 60.0", "days_since_last_purchase < 30.0"}}}},
          {},
          {}};
}

std::string StageOf(const Population& population, int64_t at_us, const Valuation& valuation) {
  return ValueOf(FeaturesOf(population, 1, at_us, valuation), "stage");
}

void Tick(int64_t at_us, const Valuation& valuation, Population* population) {
  Change change(population);
  change.Tick(at_us, valuation);
  change.Publish();
}

TEST(Stages, Events_MoveOneStageAnEvaluation) {
  const Valuation valuation{MakeRules(Lifecycle()), nullptr, {}};
  Population population;
  ApplyOne("c", Engagement(kStart), valuation, &population);
  EXPECT_EQ(StageOf(population, kStart, valuation), "prospect");
  ApplyOne("c", Bought(kStart + kDay, 1), valuation, &population);
  ApplyOne("c", Bought(kStart + 2 * kDay, 1), valuation, &population);
  const Batch batch = FeaturesOf(population, 1, kStart + 5 * kDay, valuation);
  EXPECT_EQ(ValueOf(batch, "stage"), "repeat");
  EXPECT_EQ(ValueOf(batch, "previous_stage"), "new");
  EXPECT_EQ(ValueOf(batch, "stage_days"), "3");
  const Customer customer = population.Get(1).value();
  ASSERT_EQ(customer.standings.size(), 1u);
  EXPECT_EQ(customer.standings[0].left,
            (std::vector<std::pair<std::string, int64_t>>{{"prospect", kStart + kDay},
                                                          {"new", kStart + 2 * kDay}}));
}

TEST(Stages, Silence_MovesOnlyWithATick) {
  const Valuation valuation{MakeRules(Lifecycle()), nullptr, {}};
  Population population;
  ApplyOne("c", Bought(kStart, 1), valuation, &population);
  EXPECT_EQ(StageOf(population, kStart + 100 * kDay, valuation), "new");
  Tick(kStart + 59 * kDay, valuation, &population);
  EXPECT_EQ(StageOf(population, kStart + 100 * kDay, valuation), "new");
  Tick(kStart + 60 * kDay, valuation, &population);
  EXPECT_EQ(StageOf(population, kStart + 100 * kDay, valuation), "dormant");
  EXPECT_EQ(population.Get(1)->standings[0].entered_us, kStart + 60 * kDay);
}

TEST(Stages, DroppedTick_ForgetsItsMoves) {
  const Valuation valuation{MakeRules(Lifecycle()), nullptr, {}};
  Population population;
  ApplyOne("c", Bought(kStart, 1), valuation, &population);
  { Change(&population).Tick(kStart + 60 * kDay, valuation); }
  EXPECT_EQ(StageOf(population, kStart + 100 * kDay, valuation), "new");
}

TEST(Stages, LateEvent_IsStagedAtTheEntrysTime) {
  const Valuation valuation{MakeRules(Lifecycle()), nullptr, {}};
  Population population;
  ApplyOne("c", Bought(kStart + 10 * kDay, 1), valuation, &population);
  Change change(&population);
  change.Apply(1, Bought(kStart, 1), kStart + 20 * kDay, valuation);
  change.Publish();
  const Customer customer = population.Get(1).value();
  EXPECT_EQ(customer.purchases[0].at_us, kStart);
  EXPECT_EQ(customer.standings[0].stage_id, "repeat");
  EXPECT_EQ(customer.standings[0].entered_us, kStart + 20 * kDay);
}

TEST(Stages, DwellAndCoolDown_HoldTheCustomer) {
  RulesText text = Lifecycle();
  text.tracks[0].second[1].min_dwell_us = 10 * kDay;
  const Valuation valuation{MakeRules(text), nullptr, {}};
  Population population;
  ApplyOne("c", Bought(kStart, 1), valuation, &population);
  ApplyOne("c", Bought(kStart + 9 * kDay, 1), valuation, &population);
  EXPECT_EQ(StageOf(population, kStart + 9 * kDay, valuation), "new");
  Tick(kStart + 10 * kDay, valuation, &population);
  EXPECT_EQ(StageOf(population, kStart + 10 * kDay, valuation), "repeat");
}

TEST(Stages, StageGoneFromTheRules_IsNoneAndEnteredAnew) {
  const Valuation before{MakeRules(Lifecycle()), nullptr, {}};
  RulesText renamed = Lifecycle();
  renamed.tracks[0].first = "journey";
  renamed.tracks[0].second[1].id = "first_timer";
  const Valuation after{MakeRules(renamed), nullptr, {}};
  Population population;
  ApplyOne("c", Bought(kStart, 1), before, &population);
  EXPECT_EQ(StageOf(population, kStart + kDay, after), "missing");
  Tick(kStart + kDay, after, &population);
  EXPECT_EQ(StageOf(population, kStart + kDay, after), "first_timer");
  EXPECT_EQ(StageOf(population, kStart + kDay, before), "missing");
}

TEST(Stages, Tracks_StandBesideEachOther) {
  RulesText text = Lifecycle();
  text.tracks.push_back({"bulk", {{"bulk_buyer", "revenue_total >= 100.0", ""}}});
  text.tracks.push_back({"tenure", {{"old", "stage == 'dormant'", ""}}});
  const Valuation valuation{MakeRules(text), nullptr, {}};
  Population population;
  ApplyOne("c", Bought(kStart, 150'000'000), valuation, &population);
  Batch batch = FeaturesOf(population, 1, kStart, valuation);
  EXPECT_EQ(ValueOf(batch, "stage"), "new");
  EXPECT_EQ(ValueOf(batch, "track.bulk"), "bulk_buyer");
  EXPECT_EQ(ValueOf(batch, "track.tenure"), "missing");
  // Conditions see the standing before: the other track follows one evaluation later.
  Tick(kStart + 61 * kDay, valuation, &population);
  batch = FeaturesOf(population, 1, kStart + 61 * kDay, valuation);
  EXPECT_EQ(ValueOf(batch, "stage"), "dormant");
  EXPECT_EQ(ValueOf(batch, "track.tenure"), "missing");
  Tick(kStart + 62 * kDay, valuation, &population);
  batch = FeaturesOf(population, 1, kStart + 62 * kDay, valuation);
  EXPECT_EQ(ValueOf(batch, "track.tenure"), "old");
  EXPECT_EQ(ValueOf(batch, "track.bulk"), "bulk_buyer");
}

TEST(Stages, ByValueAndSegment_SeeTheModel) {
  RulesText text;
  text.tracks = {{"lifecycle",
                  {{"valuable", "segment.alive && tier == 'high'", ""},
                   {"other", "true", "segment.alive && tier == 'high'"}}}};
  text.segments = {{"bought", "purchases > 0"}, {"alive", "segment.bought && p_alive > 0.5"}};
  const Valuation valuation{MakeRules(text), MakeModel(), {0.5, 0.1, {}, {}, {}}};
  Population population;
  ApplyOne("c", Engagement(kStart), valuation, &population);
  EXPECT_EQ(StageOf(population, kStart, valuation), "other");
  for (int week = 0; week < 10; ++week) {
    ApplyOne("c", Bought(kStart + week * 7 * kDay, 50'000'000), valuation, &population);
  }
  EXPECT_EQ(StageOf(population, kStart, valuation), "valuable");
  Tick(kStart + 700 * kDay, valuation, &population);
  EXPECT_EQ(StageOf(population, kStart, valuation), "other");
}

TEST(Stages, EventsOfOneChange_MoveAsIfPublishedEach) {
  const Valuation valuation{MakeRules(Lifecycle()), MakeModel(), {}};
  Population together, alone;
  Random random(11);
  Change change(&together);
  for (int i = 0; i < 3'000; ++i) {
    // Most customers once, some again and again.
    const std::string id = absl::StrCat(random.Below(random.Below(4) == 0 ? 5 : 2'000));
    const journal::EventRecord event = Bought(kStart + i * kDay / 10, 1'000'000);
    change.Apply(change.FindOrAdd(id), event, event.happened_us, valuation);
    ApplyOne(id, event, valuation, &alone);
  }
  change.Publish();
  EXPECT_EQ(together.Save(), alone.Save());
}

TEST(Stages, TickOverAPopulation_EqualsTicksOfEach) {
  // More than two chunks, so that batches of many and of one take the same moves.
  const Valuation valuation{MakeRules(Lifecycle()), MakeModel(), {}};
  Population together;
  Random random(3);
  std::vector<std::vector<journal::EventRecord>> events;
  for (size_t c = 0; c < 2'500; ++c) events.push_back(RandomEvents(random.Below(6), &random));
  for (size_t c = 0; c < events.size(); ++c) {
    ApplyAll(absl::StrCat(c), events[c], valuation, &together);
  }
  const int64_t at_us = kStart + 760 * kDay;
  Tick(at_us, valuation, &together);
  for (size_t c = 0; c < events.size(); c += 97) {
    Population alone;
    ApplyAll(absl::StrCat(c), events[c], valuation, &alone);
    Tick(at_us, valuation, &alone);
    EXPECT_EQ(
        ValueOf(FeaturesOf(together, static_cast<uint32_t>(c + 1), at_us, valuation), "stage"),
        StageOf(alone, at_us, valuation))
        << c;
  }
}

}  // namespace
}  // namespace tenure::customers
