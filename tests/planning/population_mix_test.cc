// Who a plan was made for, counted.
#include "server/planning/population_mix.h"

#include <gtest/gtest.h>

#include "server/planning/plan.h"
#include "tests/planning/small_shop.h"

namespace tenure::planning {
namespace {

constexpr char kBudgets[] = R"(
  - id: all
    limit: 500
    segments:
      - {id: heavy, when: purchases >= 4}
      - {id: light}
)";

int64_t Count(const std::vector<journal::PlanShareRecord>& mix) {
  int64_t customers = 0;
  for (const journal::PlanShareRecord& share : mix) customers += share.customers;
  return customers;
}

TEST(PopulationMix, OfAPlan_CountsEverybodyOnceWhateverTheThreads) {
  const auto shop = MakeShop(kBudgets, 700, 3);
  std::vector<std::string> records;
  for (const int threads : {1, 3}) {
    PlanRequest request;
    request.budget = "all";
    request.at_us = kNow;
    request.threads = threads;
    const auto plan = MakePlan(*shop->world, shop->population, request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(Count(plan->record.population), shop->population.size());
    records.push_back(journal::Encode(plan->record));
    const auto decoded = journal::Decode<journal::PlanRecord>(records.back());
    ASSERT_TRUE(decoded.ok());
    const MixChange same = CompareMixes(plan->record.population, decoded->population);
    EXPECT_EQ(same.share, 0);
    // The same as is counted at the same instant.
    const auto now = MixAt(*shop->world, shop->population, 0, kNow, 100'000);
    EXPECT_EQ(CompareMixes(plan->record.population, now).share, 0);
    EXPECT_EQ(Count(now), shop->population.size());
  }
  EXPECT_EQ(records[0], records[1]);
}

TEST(PopulationMix, OfEveryKth_IsAboutTheSame) {
  const auto shop = MakeShop(kBudgets, 700, 3);
  const auto all = MixAt(*shop->world, shop->population, 0, kNow, 100'000);
  EXPECT_GT(all.size(), 3u);
  const auto some = MixAt(*shop->world, shop->population, 0, kNow, 200);
  EXPECT_LE(Count(some), 200);
  EXPECT_GT(Count(some), 100);
  const MixChange change = CompareMixes(all, some);
  EXPECT_LT(change.share, 4 * change.by_chance);
}

}  // namespace
}  // namespace tenure::planning
