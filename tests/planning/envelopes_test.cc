// A budget's parts sum to it, whatever was used, reserved and asked.
#include "server/planning/envelopes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/planning/plan.h"
#include "tests/planning/small_shop.h"

namespace tenure::planning {
namespace {

constexpr int64_t kUnit = 1'000'000;

// Rules as the compiler lets them pass, and a period that has seen something.
struct Drawn {
  rules::Budget budget;
  int64_t limit_micros = 0;  // of the period; a what-if, or with what was carried over
  MicrosByPath used;
  Appraisal appraisal;
  std::vector<double> appetite;  // how much of its cap a segment's choices take
};

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}

  Drawn Next() {
    Drawn drawn;
    rules::Budget& budget = drawn.budget;
    budget.id = "all";
    budget.split = static_cast<rules::Split>(Below(5));
    budget.limit_micros = Amount();
    int64_t left = budget.limit_micros;
    const auto take = [&] {
      const int64_t taken = Chance(0.4) ? 0 : Up(left / 2);
      left -= taken;
      return taken;
    };
    budget.unplanned_micros = take();
    if (Chance(0.3)) budget.exploration = rules::Exploration{take(), 0.02};
    const size_t segments = 1 + Below(5);
    for (size_t s = 0; s < segments; ++s) {
      rules::BudgetSegment segment;
      segment.id = absl::StrCat("s", s);
      if (budget.split == rules::Split::kFixed) {
        segment.max_micros = take();
      } else {
        segment.min_micros = take();
        if (Chance(0.5)) segment.max_micros = segment.min_micros + Up(budget.limit_micros / 2);
      }
      budget.segments.push_back(segment);
    }
    budget.segments.emplace_back();
    budget.segments.back().id = rules::kUnplannedSegment;
    const int64_t factors[] = {1, 1, 2, 3, 10};
    drawn.limit_micros = Chance(0.5) ? budget.limit_micros / factors[Below(5)] + Up(3)
                                     : budget.limit_micros * factors[Below(5)];
    Use(&drawn);
    for (size_t i = 0; i < 1 + Below(40); ++i) {
      drawn.appraisal.segment_of.push_back(static_cast<uint8_t>(Below(segments)));
      drawn.appraisal.clv.push_back(Chance(0.2) ? 0 : Real() * 100);
    }
    for (size_t s = 0; s < segments; ++s) drawn.appetite.push_back(Chance(0.3) ? 1 : Real());
    return drawn;
  }

 private:
  void Use(Drawn* drawn) {
    int64_t sum = 0;
    const auto use = [&](const std::string& path) {
      if (Chance(0.5)) return;
      drawn->used.emplace_back(path, Up(drawn->limit_micros / 3));
      sum += drawn->used.back().second;
    };
    for (const auto& segment : drawn->budget.segments) use(absl::StrCat("all/", segment.id));
    use("all/of_earlier_rules");
    if (drawn->budget.exploration.has_value()) use("all/exploration");
    drawn->used.emplace_back("all", sum);
  }

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  int64_t Up(int64_t most) {
    return std::uniform_int_distribution<int64_t>(0, std::max<int64_t>(most, 0))(random_);
  }
  double Real() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  bool Chance(double p) { return Real() < p; }
  // From nothing to a few millions, not always in cents.
  int64_t Amount() { return Chance(0.1) ? Up(5) : Up(int64_t{1} << (10 + Below(33))); }

  std::mt19937_64 random_;
};

int64_t UsedOf(const Drawn& drawn, const std::string& path) {
  int64_t sum = 0;
  for (const auto& [of, micros] : drawn.used) sum += of == path ? micros : 0;
  return sum;
}

// What a planner may answer: within the caps, its floors kept free for whom they are.
std::vector<int64_t> SpendOf(const Drawn& drawn, const Envelopes& envelopes) {
  std::vector<int64_t> spend(envelopes.planned(), 0);
  int64_t free = envelopes.available_micros();
  for (size_t s = 0; s < spend.size(); ++s) free -= envelopes.floor_micros(s);
  EXPECT_GE(free, 0) << "the floors do not fit";
  for (size_t s = 0; s < spend.size(); ++s) {
    const int64_t floor = envelopes.floor_micros(s);
    const int64_t most = std::min(envelopes.cap_micros(s), floor + free);
    EXPECT_GE(most, floor);
    spend[s] = static_cast<int64_t>(drawn.appetite[s] * static_cast<double>(most));
    free -= std::max<int64_t>(0, spend[s] - floor);
  }
  return spend;
}

void CheckParts(const Drawn& drawn) {
  const Envelopes envelopes(drawn.budget, drawn.limit_micros, drawn.used, {}, drawn.appraisal);
  const std::vector<int64_t> spend = SpendOf(drawn, envelopes);
  const std::vector<int64_t> limits = envelopes.Limits(spend);
  const int64_t unassigned = envelopes.UnassignedMicros(limits);
  const int64_t parts = std::accumulate(limits.begin(), limits.end(), int64_t{0}) +
                        envelopes.exploration_micros() + UsedOf(drawn, "all/of_earlier_rules");
  const int64_t over = std::max<int64_t>(0, UsedOf(drawn, "all") - drawn.limit_micros);
  EXPECT_EQ(parts + unassigned, drawn.limit_micros + over);
  EXPECT_EQ(envelopes.over_micros(), over);
  EXPECT_EQ(envelopes.former_micros(), UsedOf(drawn, "all/of_earlier_rules"));
  bool all_full = true;
  for (size_t s = 0; s < envelopes.planned(); ++s) {
    const rules::BudgetSegment& segment = drawn.budget.segments[s];
    const int64_t used = UsedOf(drawn, absl::StrCat("all/", segment.id));
    EXPECT_GE(limits[s], used + spend[s]);
    const int64_t most = std::max(used, segment.max_micros.value_or(INT64_MAX));
    EXPECT_LE(limits[s], most);
    all_full = all_full && limits[s] >= most;
    if (!envelopes.reserves_are_cut()) {
      EXPECT_GE(limits[s], segment.min_micros);
    }
  }
  if (unassigned > 0) {
    EXPECT_TRUE(all_full) << unassigned << " to nobody";
  }
  if (!envelopes.reserves_are_cut()) {
    EXPECT_GE(limits.back(), drawn.budget.unplanned_micros);
  }
}

TEST(Envelopes, AnyRulesUseAndLimit_PartsSumToTheWholeAndKeepTheirBounds) {
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    CheckParts(Draw(seed).Next());
    if (testing::Test::HasFailure()) return;
  }
}

std::string Budget(const std::string& split, int64_t what_min) {
  return absl::StrCat("  - id: all\n    limit: 20\n    split: ", split,
                      "\n    unplanned: 2\n    exploration: {limit: 1, share: 2 %}\n    segments:\n"
                      "      - {id: silent, when: stage == \"silent\", max: 6}\n"
                      "      - {id: often, when: purchases >= 3",
                      what_min > 0 ? absl::StrCat(", min: ", what_min) : "", ", max: 7}\n",
                      "      - {id: others, max: 4}\n");
}

TEST(MakePlan, AnySplitUseAndWhatIf_EnvelopesAndWhatIsUnassignedSumToTheLimit) {
  for (const char* split : {"optimal", "fixed", "proportional_customers", "proportional_clv"}) {
    const int64_t min = std::string(split) == "fixed" ? 0 : 5;
    const auto shop = MakeShop(Budget(split, min), 400, 5);
    for (const int64_t limit : {1, 3, 9, 20, 100}) {
      for (const int64_t used : {0, 1}) {
        SCOPED_TRACE(absl::StrCat(split, ", limit ", limit, ", used ", used));
        PlanRequest request;
        request.budget = "all";
        request.at_us = kNow;
        request.limit_micros = limit * kUnit;
        request.used_micros = {{"all", used * kUnit}, {"all/unplanned", used * kUnit}};
        const auto plan = MakePlan(*shop->world, shop->population, request);
        ASSERT_TRUE(plan.ok()) << plan.status();
        int64_t parts = 0;
        for (const journal::PlanNodeRecord& node : plan->record.nodes) {
          if (node.parent == 0) parts += node.limit_micros;
          EXPECT_LE(node.planned_spend_micros, node.limit_micros) << node.path;
        }
        const auto report = nlohmann::json::parse(plan->record.report_json);
        const int64_t unassigned = *ParseMicros(report["unassigned"].get<std::string>());
        EXPECT_EQ(parts + unassigned, limit * kUnit);
        EXPECT_EQ(plan->record.unassigned_micros, unassigned);
        EXPECT_EQ(plan->record.over_micros, 0);
        EXPECT_EQ(report.contains("unassigned_why"), unassigned > 0);
        EXPECT_EQ(unassigned > 0, limit > 20) << unassigned;
      }
    }
  }
}

}  // namespace
}  // namespace tenure::planning
