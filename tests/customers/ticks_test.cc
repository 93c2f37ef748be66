// Evaluating who is due gives what evaluating everybody gives.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/rules/compiler.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

constexpr int64_t kHour = kMicrosPerHour;
constexpr size_t kAll = std::numeric_limits<size_t>::max();

class AnyPlugin final : public rules::PluginCatalog {
 public:
  std::vector<std::string> Ids() const override { return {}; }
  const std::vector<Column>* Columns(absl::string_view) const override { return &none_; }
  std::vector<ConfigProblem> CheckConfig(absl::string_view, absl::string_view) const override {
    return {};
  }
  absl::Status CheckPolicy(absl::string_view, absl::string_view,
                           absl::Span<const rules::Offer>) const override {
    return absl::OkStatus();
  }

 private:
  const std::vector<Column> none_;
};

std::shared_ptr<const rules::RuleSet> DefaultRules() {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  if (source == nullptr) return nullptr;
  auto files = rules::ReadFolder(absl::StrCat(source, "/rules/default"));
  return files.ok() ? rules::Compile(*std::move(files), AnyPlugin()).rule_set : nullptr;
}

// With purchases at rates from a few days to half a year, and any share of customers who leave.
std::shared_ptr<const clv::ValueModel> RandomModel(absl::string_view kind, Random* random) {
  clv::ValueParameters parameters;
  parameters.model = std::string(kind);
  const auto between = [&](double low, double high) {
    return low * std::exp(random->Uniform() * std::log(high / low));
  };
  parameters.purchase = {between(0.1, 20), between(0.5, 60)};
  if (kind != "nbd") {
    parameters.purchase.push_back(between(0.05, 5));
    parameters.purchase.push_back(between(0.3, 20));
  }
  parameters.spend = {6.25, 3.74, 15.44};
  clv::ValueOptions options;
  options.margin_rate = 0.25;
  options.time_unit_days = random->Below(2) == 0 ? 7 : 1;
  return clv::ValueModel::Create(parameters, options).value();
}

constexpr absl::string_view kModels[] = {"nbd", "bg_nbd", "mbg_nbd"};

// Without any model now and then.
std::shared_ptr<const clv::ValueModel> AnyModel(Random* random) {
  if (random->Below(8) == 0) return nullptr;
  return RandomModel(kModels[random->Below(std::size(kModels))], random);
}

// A comparison of p_alive that can be solved: with a number anywhere in [0, 1] and at its ends, or
// with what stands still.
std::string AliveCondition(Random* random) {
  static constexpr absl::string_view kComparisons[] = {"<", "<=", ">", ">=", "==", "!="};
  const absl::string_view comparison = kComparisons[random->Below(std::size(kComparisons))];
  std::string bound;
  switch (random->Below(8)) {
    case 0:
      bound = absl::StrFormat("%.12f", std::pow(10.0, -12 * random->Uniform()));
      break;
    case 1:
      bound = absl::StrFormat("%.14f", 1 - std::pow(10.0, -13 * random->Uniform()));
      break;
    case 2:
      bound = random->Below(2) == 0 ? "0.0" : "1.0";
      break;
    case 3:
      bound = "double(customer.score) / 5.0";
      break;
    case 4:
      bound = "1.0 / double(purchases)";
      break;
    default:
      bound = absl::StrFormat("%.3f", random->Uniform());
  }
  return random->Below(2) == 0 ? absl::StrCat("p_alive ", comparison, " ", bound)
                               : absl::StrCat(bound, " ", comparison, " p_alive");
}

// Half of all rule sets read only what can be solved.
std::shared_ptr<const rules::RuleSet> RandomRules(Random* random) {
  std::vector<std::string> conditions = {
      "days_since_last_purchase > 20.0",
      "days_since_last_purchase * 2.0 + 1.0 > rhythm_limit_days",
      "rhythm_limit_days / 3.0 < days_since_last_purchase && purchases > 1",
      "stage_days >= 12.5",
      "tenure_days - days_since_last_purchase < stage_days",
      "tenure_days - days_since_last_purchase >= 10.0",
      "tenure_days * 3.0 - 30.0 == days_since_last_purchase * 3.0",
      "purchases_30d == 0",
      "purchases_90d >= 2 || engagements_30d >= 1",
      "revenue_365d < 60.0",
      "contacts_7d > 0",
      "contacts_30d == 0 && days_known > 40.0",
      "days_since_last_contact < 3.0",
      "now - timestamp('2018-06-01T00:00:00Z') > duration('240h')",
      "now < customer.until",
      "rfm_recency >= 4",
      "margin_next > 3.0",
      "segment.quiet",
      "segment.gone && purchases > 1",
      "previous_stage == 's1'",
      "has(days_since_last_purchase) ? days_since_last_purchase < 9.0 : days_known > 5.0",
      "refunds > 0",
      "customer.score > 2",
      "true",
  };
  for (int i = 0; i < 12; ++i) conditions.push_back(AliveCondition(random));
  if (random->Below(2) == 0) {
    conditions.insert(
        conditions.end(),
        {"clv < 2.0", "p_alive * 2.0 < 1.0", "p_alive < days_since_last_purchase", "tier == 'GOLD'",
         "now.getDayOfWeek() == 1", "[0.3, 0.6].exists(x, p_alive < x && stage_days > 3.0)"});
  }
  const auto any = [&] { return conditions[random->Below(conditions.size())]; };
  RulesText text;
  text.attributes = {{"score", DType::kInt64}, {"until", DType::kTimestamp}};
  text.segments = {{"quiet", "days_since_last_purchase > 33.0 && !(stage_days < 4.0)"},
                   {"gone", AliveCondition(random)}};
  for (int t = 0; t < 2; ++t) {
    std::vector<StageText> stages;
    for (int s = 0; s < 4; ++s) {
      StageText stage{absl::StrCat("s", s), any(), random->Below(3) == 0 ? "" : any()};
      if (random->Below(3) == 0)
        stage.min_dwell_us = kDay * static_cast<int64_t>(random->Below(20));
      if (random->Below(3) == 0)
        stage.cool_down_us = kDay * static_cast<int64_t>(random->Below(20));
      stages.push_back(stage);
    }
    text.tracks.emplace_back(t == 0 ? "lifecycle" : "other", stages);
  }
  return MakeRules(text);
}

journal::EventRecord RandomEvent(int64_t now_us, Random* random) {
  // Late ones, and now and then one that is ahead of its time.
  int64_t at_us =
      now_us + kDay - static_cast<int64_t>(random->Below(random->Below(4) == 0 ? 40 : 3)) * kDay;
  // Some on the dot, so that differences between them are what rules compare with.
  if (random->Below(2) == 0) at_us = at_us / kDay * kDay;
  switch (random->Below(6)) {
    case 0:
      return Refunded(at_us, 5'000'000);
    case 1:
      return Engagement(at_us);
    case 2:
      return AttributeEvent(at_us, "score", static_cast<int64_t>(random->Below(5)));
    case 3:
      return AttributeEvent(at_us, "until", FormatInstant(at_us + 15 * kDay));
    default:
      return Bought(at_us, static_cast<int64_t>(1 + random->Below(50)) * 1'000'000);
  }
}

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
      change.Tick(at_us, valuation);
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

// How many customers were asked of whom a tick of everybody would ask, and how many moved.
struct Tally {
  size_t ticked = 0, evaluated = 0, moves = 0;
};

void Compare(const RandomRuleSet& any_rules, const RandomValueModel& any_model, uint64_t seed,
             Tally* tally) {
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Random random(seed);
  World world;
  Valuation valuation{any_rules(&random), any_model(&random), {1, 0.5, {3, 9, 20, 45}, {}, {}}};
  bool outdated = true;
  int64_t now_us = kStart + kDay;
  uint64_t decision = 0;
  std::string before;
  for (int step = 0; step < 400; ++step) {
    now_us += RandomStep(&random);
    const std::string id = absl::StrCat("c", random.Below(20));
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
        valuation.cut_points.recency_days = {1 + 9 * random.Uniform(), 15, 30, 50.5};
        outdated = true;
        break;
      case 5:
        world.Restart();
        break;
      default:
        world.Tick(now_us, valuation, outdated);
        outdated = false;
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
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Compare(RandomRules, AnyModel, seed, &tally);
    if (HasFailure()) return;
  }
  EXPECT_GT(tally.moves, 40u * 20);  // or there was nothing to compare
}

TEST(Ticks, WhoIsDueByTheDefaultRules_EqualsEverybody) {
  const std::shared_ptr<const rules::RuleSet> rules = DefaultRules();
  if (rules == nullptr) GTEST_SKIP() << "TENURE_SOURCE_DIR has no rules/default";
  for (const absl::string_view model : kModels) {
    SCOPED_TRACE(model);
    Tally tally;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      Compare([&](Random*) { return rules; },
              [&](Random* random) { return RandomModel(model, random); }, seed, &tally);
      if (HasFailure()) return;
    }
    EXPECT_GT(tally.moves, 10u * 15);
    // Every condition of theirs is solved.
    EXPECT_LT(tally.evaluated, tally.ticked * 2 / 3);
  }
}

// The rules change to others that read p_alive, and the model to another kind.
TEST(Ticks, WhoIsDueByAlive_EqualsEverybody) {
  const RandomRuleSet alive = [](Random* random) {
    std::vector<StageText> stages;
    for (int s = 0; s < 4; ++s) {
      stages.push_back({absl::StrCat("s", s), AliveCondition(random), AliveCondition(random)});
    }
    return MakeRules({{{"lifecycle", stages}}, {{"score", DType::kInt64}}, {}});
  };
  for (const absl::string_view model : kModels) {
    SCOPED_TRACE(model);
    Tally tally;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      Compare(
          alive, [&](Random* random) { return RandomModel(model, random); }, seed, &tally);
      if (HasFailure()) return;
    }
    EXPECT_GT(tally.moves, 12u * 5);
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
