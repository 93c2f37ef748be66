// Evaluating who is due gives what evaluating everybody gives.
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "absl/strings/str_cat.h"
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

 private:
  const std::vector<Column> none_;
};

std::shared_ptr<const rules::RuleSet> DefaultRules() {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  if (source == nullptr) return nullptr;
  auto files = rules::ReadFolder(absl::StrCat(source, "/rules/default"));
  return files.ok() ? rules::Compile(*std::move(files), AnyPlugin()).rule_set : nullptr;
}

std::shared_ptr<const rules::RuleSet> RandomRules(Random* random) {
  const std::vector<std::string> conditions = {
      "days_since_last_purchase > 20.0",
      "days_since_last_purchase * 2.0 + 1.0 > rhythm_limit_days",
      "rhythm_limit_days / 3.0 < days_since_last_purchase && purchases > 1",
      "stage_days >= 12.5",
      "tenure_days - days_since_last_purchase < stage_days",
      "purchases_30d == 0",
      "purchases_90d >= 2 || engagements_30d >= 1",
      "revenue_365d < 60.0",
      "contacts_7d > 0",
      "contacts_30d == 0 && days_known > 40.0",
      "days_since_last_contact < 3.0",
      "now - timestamp('2018-06-01T00:00:00Z') > duration('240h')",
      "now < customer.until",
      "rfm_recency >= 4",
      "p_alive < 0.6",
      "0.3 >= p_alive || p_alive > 0.97",
      "clv < 2.0",
      "segment.quiet",
      "previous_stage == 's1'",
      "has(days_since_last_purchase) ? days_since_last_purchase < 9.0 : days_known > 5.0",
      "refunds > 0",
      "customer.score > 2",
      "true",
  };
  const auto any = [&] { return conditions[random->Below(conditions.size())]; };
  RulesText text;
  text.attributes = {{"score", DType::kInt64}, {"until", DType::kTimestamp}};
  text.segments = {{"quiet", "days_since_last_purchase > 33.0 && !(stage_days < 4.0)"}};
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
  const int64_t at_us =
      now_us + kDay - static_cast<int64_t>(random->Below(random->Below(4) == 0 ? 40 : 3)) * kDay;
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

  void Restart() {
    const std::string bytes = due.Save();
    restored = std::make_unique<Population>();
    ASSERT_TRUE(restored->Restore(bytes).ok());
    ASSERT_EQ(restored->Save(), bytes);
  }

  template <typename Do>
  void Each(const Do& change_with) {
    for (Population* population : {&everybody, &due, &slices, restored.get()}) {
      Change change(population);
      change_with(&change);
      change.Publish();
    }
  }

  void Tick(int64_t at_us, const Valuation& valuation, bool outdated) {
    {
      Change change(&everybody);
      change.Tick(at_us, valuation);
      change.Publish();
    }
    for (Population* population : {&due, restored.get()}) {
      Change change(population);
      change.BeginTick(at_us, outdated);
      change.Tick(at_us, valuation, kAll);
      change.Publish();
    }
    bool begun = false;
    for (size_t waiting = 1; waiting > 0;) {
      Change change(&slices);
      if (!begun) change.BeginTick(at_us, outdated);
      begun = true;
      change.Tick(at_us, valuation, 3);
      waiting = change.waiting();
      change.Publish();
    }
  }
};

void Compare(const std::vector<std::shared_ptr<const rules::RuleSet>>& rule_sets, uint64_t seed) {
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Random random(seed);
  World world;
  Valuation valuation{rule_sets[0], MakeModel(), {1, 0.5, {3, 9, 20, 45}, {}, {}}};
  bool outdated = true;
  int64_t now_us = kStart + kDay;
  uint64_t decision = 0;
  for (int step = 0; step < 400; ++step) {
    now_us += static_cast<int64_t>(random.Below(random.Below(8) == 0 ? 60 * 24 : 30)) * kHour / 4 +
              static_cast<int64_t>(random.Below(1'000));
    const std::string id = absl::StrCat("c", random.Below(20));
    switch (random.Below(8)) {
      case 0: {
        const journal::EventRecord event = RandomEvent(now_us, &random);
        world.Each([&](Change* change) {
          change->Apply(change->FindOrAdd(id), event, now_us, valuation);
        });
        break;
      }
      case 1:
        if (world.due.Find(id) == 0) break;
        ++decision;
        world.Each([&](Change* change) {
          Contact contact;
          contact.at_us = now_us;
          contact.decision = decision;
          contact.campaign = "mail";
          change->AddContact(change->Find(id), contact);
        });
        break;
      case 2:
        if (decision == 0 || world.due.Find(id) == 0) break;
        world.Each(
            [&](Change* change) { change->SettleContact(change->Find(id), decision, false); });
        break;
      case 3:
        if (random.Below(8) != 0) break;
        valuation.rules = rule_sets[random.Below(rule_sets.size())];
        outdated = true;
        break;
      case 4:
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
  }
}

TEST(Ticks, WhoIsDue_EqualsEverybody) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    Compare({RandomRules(&random), RandomRules(&random)}, seed);
    if (HasFailure()) return;
  }
}

TEST(Ticks, WhoIsDueByTheDefaultRules_EqualsEverybody) {
  const std::shared_ptr<const rules::RuleSet> rules = DefaultRules();
  if (rules == nullptr) GTEST_SKIP() << "TENURE_SOURCE_DIR has no rules/default";
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Compare({rules}, seed);
    if (HasFailure()) return;
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
