// Evaluating who is due gives what evaluating everybody gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/customers/random_rules.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

constexpr int64_t kHour = kMicrosPerHour;
constexpr int64_t kMillisecond = 1'000;
constexpr size_t kAll = std::numeric_limits<size_t>::max();

std::string StandingsOf(const Population& population) {
  std::string text;
  for (uint32_t c = 1; c <= population.size(); ++c) {
    absl::StrAppend(&text, c, ":");
    const Customer customer = population.Get(c).value();
    for (const Standing& standing : customer.standings) {
      absl::StrAppend(&text, " ", standing.track, "=", standing.stage_id, "@", standing.entered_us,
                      " after ", standing.previous_id);
      for (const auto& [stage, at_us] : standing.left) absl::StrAppend(&text, " ", stage, at_us);
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

// The same history in populations that tick in different ways.
struct World {
  Population everybody, due, slices;
  std::unique_ptr<Population> restored = std::make_unique<Population>();
  std::vector<std::function<void(Change*)>> journal;  // of `slices`; ticks publish before and after
  size_t ticked = 0, evaluated = 0;                   // of `due`

  void Restart() {
    const std::string bytes = due.Save();
    restored = std::make_unique<Population>();
    ASSERT_TRUE(restored->Restore(bytes).ok());
    ASSERT_EQ(restored->Save(), bytes);
  }

  // What recovery does: all of it in one change, but for the ticks.
  void Replay() const {
    Population replayed;
    Change change(&replayed);
    for (const auto& entry : journal) entry(&change);
    change.Publish();
    ASSERT_EQ(replayed.Save(), slices.Save());
  }

  void Each(const std::function<void(Change*)>& entry) {
    for (Population* population : {&everybody, &due, &slices, restored.get()}) {
      Change change(population);
      entry(&change);
      change.Publish();
    }
    journal.push_back(entry);
  }

  void Tick(int64_t at_us, const Valuation& valuation, bool outdated) {
    {
      Change change(&everybody);
      change.BeginTick(at_us, true);
      ASSERT_EQ(change.waiting(), everybody.size());
      change.Tick(at_us, valuation, kAll);
      change.Publish();
    }
    ticked += everybody.size();
    for (Population* population : {&due, restored.get()}) {
      Change change(population);
      change.BeginTick(at_us, outdated);
      if (population == &due) evaluated += change.waiting();
      change.Tick(at_us, valuation, kAll);
      change.Publish();
    }
    bool begun = false;
    for (size_t waiting = 1; waiting > 0;) {
      const auto entry = [=](Change* change) {
        change->Publish();
        if (!begun) change->BeginTick(at_us, outdated);
        change->Tick(at_us, valuation, 3);
        change->Publish();
      };
      Change change(&slices);
      entry(&change);
      journal.emplace_back(entry);
      waiting = change.waiting();
      begun = true;
    }
  }
};

bool SameStandings(const Customer& a, const Customer& b) {
  return std::equal(a.standings.begin(), a.standings.end(), b.standings.begin(), b.standings.end(),
                    [](const Standing& x, const Standing& y) {
                      return x.stage_id == y.stage_id && x.entered_us == y.entered_us;
                    });
}

// Whether a tick of everybody at this instant would move anybody.
bool Moves(int64_t at_us, const Valuation& valuation, Population* population) {
  Change change(population);
  change.Tick(at_us, valuation);
  for (uint32_t c = 1; c <= population->size(); ++c) {
    if (!SameStandings(change.Get(c), population->Get(c).value())) return true;
  }
  return false;
}

// An instant up to `to_us` at which such a tick would move somebody and would not a millisecond
// earlier; `to_us` where it moves somebody now, or nobody even then.
int64_t Turn(int64_t now_us, int64_t to_us, const Valuation& valuation, Population* population) {
  if (Moves(now_us, valuation, population) || !Moves(to_us, valuation, population)) return to_us;
  while (to_us - now_us > kMillisecond) {
    const int64_t middle = now_us + (to_us - now_us) / 2;
    (Moves(middle, valuation, population) ? to_us : now_us) = middle;
  }
  return to_us;
}

int64_t RandomStep(Random* random) {
  int64_t hours = static_cast<int64_t>(random->Below(8));
  if (random->Below(8) == 0) hours = static_cast<int64_t>(random->Below(60 * 24));
  if (random->Below(60) == 0) hours = static_cast<int64_t>(random->Below(3 * 365 * 24));
  // On the hour, or anywhere: instants that are on the dot and such that are not.
  return hours * kHour +
         (random->Below(2) == 0 ? 0 : static_cast<int64_t>(random->Below(3'600'000'000)));
}

using RandomRuleSet = std::function<std::shared_ptr<const rules::RuleSet>(Random*)>;
using RandomValueModel = std::function<std::shared_ptr<const clv::ValueModel>(Random*)>;

// How many customers were asked of whom a tick of everybody would ask, after how many steps
// somebody had moved, and how many ticks stood at the very instant of a turn.
struct Tally {
  size_t ticked = 0, evaluated = 0, moves = 0, turns = 0;
};

void Compare(const RandomRuleSet& any_rules, const RandomValueModel& any_model, uint64_t seed,
             Tally* tally) {
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Random random(seed);
  World world;
  Valuation valuation{any_rules(&random), any_model(&random), {1, 0.5, {3, 9, 20, 45}, {}, {}}};
  const auto any_populations = [&] {
    valuation.populations = valuation.model == nullptr ? nullptr : AnyPopulations(&random);
  };
  any_populations();
  bool outdated = true;
  int64_t now_us = kStart + kDay;
  uint64_t decision = 0;
  std::string before;
  const auto tick = [&] {
    world.Tick(now_us, valuation, outdated);
    outdated = false;
  };
  for (int step = 0; step < 250; ++step) {
    const int64_t to_us = now_us + RandomStep(&random);
    const std::string id = absl::StrCat("c", random.Below(20));
    // Just before and at the very instant at which somebody's stage turns.
    if (to_us - now_us > 8 * kHour && !outdated && random.Below(2) == 0) {
      const int64_t turn_us = Turn(now_us, to_us, valuation, &world.everybody);
      tally->turns += turn_us < to_us ? 1 : 0;
      now_us = std::max(now_us, turn_us - kMillisecond);
      tick();
      now_us = turn_us;
      tick();
    }
    now_us = std::max(now_us, to_us);
    switch (random.Below(9)) {
      case 0: {
        const journal::EventRecord event = RandomEvent(now_us, &random);
        world.Each([=](Change* change) {
          change->Apply(change->FindOrAdd(id), event, now_us, valuation);
        });
        break;
      }
      case 1:
        if (world.due.Find(id) == 0) break;
        ++decision;
        world.Each([=](Change* change) {
          Contact contact;
          contact.at_us = now_us;
          contact.decision = decision;
          contact.campaign = "mail";
          change->AddContact(change->Find(id), contact);
        });
        break;
      case 2:
        if (decision == 0 || world.due.Find(id) == 0) break;
        world.Each([=](Change* change) {
          change->SettleContact(change->Find(id), decision, false, "mail");
        });
        break;
      case 3:
        if (random.Below(10) != 0) break;
        valuation.rules = any_rules(&random);
        outdated = true;
        break;
      case 4:
        if (random.Below(10) != 0) break;
        valuation.model = any_model(&random);
        any_populations();
        valuation.cut_points.recency_days = {1 + 9 * random.Uniform(), 15, 30, 50.5};
        outdated = true;
        break;
      case 5:
        world.Restart();
        break;
      default:
        tick();
        break;
    }
    const std::string expected = StandingsOf(world.everybody);
    ASSERT_EQ(StandingsOf(world.due), expected) << "step " << step;
    ASSERT_EQ(StandingsOf(world.slices), expected) << "step " << step;
    ASSERT_EQ(StandingsOf(*world.restored), StandingsOf(world.due)) << "step " << step;
    tally->moves += expected != before ? 1 : 0;
    before = expected;
  }
  ASSERT_EQ(world.restored->Save(), world.due.Save());
  world.Replay();
  tally->ticked += world.ticked;
  tally->evaluated += world.evaluated;
}

TEST(Ticks, WhoIsDue_EqualsEverybody) {
  Tally tally;
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    Compare(RandomRules, AnyModel, seed, &tally);
    if (HasFailure()) return;
  }
  EXPECT_GT(tally.moves, 24u * 12);  // or there was nothing to compare
  EXPECT_GT(tally.turns, 24u);
}

TEST(Ticks, WhoIsDueByTheDefaultRules_EqualsEverybody) {
  const std::shared_ptr<const rules::RuleSet> rules = DefaultRules();
  ASSERT_NE(rules, nullptr) << "TENURE_SOURCE_DIR, which ctest sets, has no sound rules/default";
  for (const absl::string_view model : kModels) {
    SCOPED_TRACE(model);
    Tally tally;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      Compare([&](Random*) { return rules; },
              [&](Random* random) { return RandomModel(model, random); }, seed, &tally);
      if (HasFailure()) return;
    }
    EXPECT_GT(tally.moves, 6u * 10);
    EXPECT_GT(tally.turns, 6u * 3);
    // Every condition of theirs is solved.
    EXPECT_LT(tally.evaluated, tally.ticked * 2 / 3);
  }
}

// The rules change to others that read p_alive, and the model to another kind.
TEST(Ticks, WhoIsDueByAlive_EqualsEverybody) {
  const RandomRuleSet alive = [](Random* random) {
    std::vector<StageText> stages;
    for (int s = 0; s < 4; ++s) {
      // Without an exit of their own most stages settle, so that only time moves anybody.
      const std::string exit = random->Below(8) == 0 ? AliveCondition(random) : "";
      stages.push_back({absl::StrCat("s", s), AliveCondition(random), exit});
    }
    return MakeRules({{{"lifecycle", stages}}, {{"score", DType::kInt64}}, {}});
  };
  for (const absl::string_view model : kModels) {
    SCOPED_TRACE(model);
    Tally tally;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      Compare(
          alive, [&](Random* random) { return RandomModel(model, random); }, seed, &tally);
      if (HasFailure()) return;
    }
    EXPECT_GT(tally.moves, 6u * 3);
    // By the first of them nobody is ever gone.
    EXPECT_GE(tally.turns, model == "nbd" ? 0u : 2u);
  }
}

// Slices at instants of their own, with events, contacts, other rules and new ticks between them.
TEST(Ticks, SlicesWithEventsBetween_AreRestoredAndReplayed) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    Population live;
    auto restarted = std::make_unique<Population>();
    std::vector<std::function<void(Change*)>> journal;
    Valuation valuation{RandomRules(&random), AnyModel(&random), {1, 0.5, {3, 9, 20, 45}, {}, {}}};
    bool outdated = true;
    int64_t now_us = kStart + kDay;
    for (int step = 0; step < 400; ++step) {
      now_us += RandomStep(&random) / 8;
      std::function<void(Change*)> entry;
      const std::string id = absl::StrCat("c", random.Below(20));
      const uint64_t what = random.Below(8);
      if (what < 3) {
        const journal::EventRecord event = RandomEvent(now_us, &random);
        entry = [=](Change* change) {
          change->Apply(change->FindOrAdd(id), event, now_us, valuation);
        };
      } else if (what < 7) {
        const bool begins = what == 6 || outdated;
        entry = [=](Change* change) {
          change->Publish();
          if (begins) change->BeginTick(now_us, outdated);
          change->Tick(now_us, valuation, 3);
          change->Publish();
        };
        outdated = false;
      } else if (random.Below(10) == 0) {
        valuation.rules = random.Below(4) == 0 ? nullptr : RandomRules(&random);
        outdated = true;
      }
      if (entry != nullptr) journal.push_back(entry);
      for (Population* population : {&live, restarted.get()}) {
        if (entry == nullptr) break;
        Change change(population);
        entry(&change);
        change.Publish();
      }
      const std::string bytes = live.Save();
      ASSERT_EQ(restarted->Save(), bytes) << "step " << step;
      if (random.Below(6) == 0) {
        restarted = std::make_unique<Population>();
        ASSERT_TRUE(restarted->Restore(bytes).ok());
      }
    }
    Population replayed;
    Change change(&replayed);
    for (const auto& entry : journal) entry(&change);
    change.Publish();
    ASSERT_EQ(replayed.Save(), live.Save());
  }
}

// The difference of two that grow alike stands still, but for its rounding.
TEST(Ticks, DifferencesThatOnlyRoundingMoves_EqualEverybody) {
  const Valuation valuation{
      MakeRules({{{"lifecycle",
                   {{"more", "tenure_days - days_since_last_purchase > 10.0", ""},
                    {"less", "10.0 > tenure_days - days_since_last_purchase", ""},
                    {"equal", "tenure_days == days_since_last_purchase + 10.0", ""}}}},
                 {},
                 {}}),
      nullptr,
      {}};
  Population everybody, due;
  for (int64_t c = 0; c < 20; ++c) {
    const int64_t at_us = kStart + c * 1'234'567'891;
    for (Population* population : {&everybody, &due}) {
      ApplyAll(absl::StrCat(c), {Bought(at_us, 1), Bought(at_us + 10 * kDay, 1)}, valuation,
               population);
    }
  }
  int64_t at_us = kStart + 11 * kDay;
  std::string before;
  int moves = 0;
  for (int tick = 0; tick < 300; ++tick) {
    at_us += 1'717'171'717;
    Change all(&everybody);
    all.Tick(at_us, valuation);
    all.Publish();
    Change change(&due);
    change.BeginTick(at_us, false);
    change.Tick(at_us, valuation, kAll);
    change.Publish();
    ASSERT_EQ(StandingsOf(due), StandingsOf(everybody)) << "tick " << tick;
    moves += StandingsOf(due) != before ? 1 : 0;
    before = StandingsOf(due);
  }
  EXPECT_GT(moves, 10);
}

TEST(Ticks, NobodyDue_NobodyIsEvaluated) {
  const std::shared_ptr<const rules::RuleSet> rules =
      MakeRules({{{"lifecycle",
                   {{"fresh", "days_since_last_purchase < 50.0", ""},
                    {"silent", "days_since_last_purchase >= 50.0", ""}}}},
                 {},
                 {}});
  const Valuation valuation{rules, nullptr, {}};
  Population population;
  for (int c = 0; c < 100; ++c) {
    ApplyOne(absl::StrCat(c), Bought(kStart + c * kHour, 1), valuation, &population);
  }
  const auto due_at = [&](int64_t at_us) {
    Change change(&population);
    change.BeginTick(at_us, false);
    const size_t due = change.waiting();
    change.Tick(at_us, valuation, kAll);
    change.Publish();
    return due;
  };
  EXPECT_EQ(due_at(kStart + 100 * kHour), 100u);  // touched by their events
  EXPECT_EQ(due_at(kStart + 30 * kDay), 0u);
  EXPECT_EQ(due_at(kStart + 50 * kDay + 9 * kHour + kHour / 2), 10u);
  EXPECT_EQ(due_at(kStart + 50 * kDay + 9 * kHour + kHour / 2), 10u);  // who moved, once more
  EXPECT_EQ(due_at(kStart + 50 * kDay + 9 * kHour + kHour / 2), 0u);
  EXPECT_EQ(due_at(kStart + 500 * kDay), 90u);
}

TEST(Ticks, RolledBack_LeavesTheSameWaiting) {
  Random random(5);
  const Valuation valuation{RandomRules(&random), MakeModel(), {}};
  Population population;
  for (int c = 0; c < 10; ++c) {
    ApplyOne(absl::StrCat(c), Bought(kStart, 1), valuation, &population);
  }
  const std::string before = population.Save();
  {
    Change dropped(&population);
    dropped.BeginTick(kStart + 90 * kDay, false);
    dropped.Tick(kStart + 90 * kDay, valuation, 4);
  }
  EXPECT_EQ(population.Save(), before);
}

}  // namespace
}  // namespace tenure::customers
