#include "server/decision/world.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <utility>

namespace tenure::decision {
namespace {

std::shared_ptr<const journal::PlanRecord> PlanOf(
    const std::string& budget, std::vector<std::pair<std::string, double>> slot_prices) {
  auto plan = std::make_shared<journal::PlanRecord>();
  plan->id = "plan-" + budget;
  plan->budget = budget;
  plan->slot_prices = std::move(slot_prices);
  return plan;
}

TEST(World, SlotPricesOfSeveralPlans_TheHighestCountsWhateverTheOrder) {
  auto rules = std::make_shared<rules::RuleSet>();
  for (const char* id : {"a", "b"}) {
    rules::Budget budget;
    budget.id = id;
    budget.segments.emplace_back();
    rules->budgets.push_back(std::move(budget));
  }
  const std::string empty = testing::TempDir() + "/no_plugins";
  std::filesystem::create_directories(empty);
  const auto plugins = plugin_host::Registry::LoadFolder(empty);
  ASSERT_TRUE(plugins.ok()) << plugins.status();
  const auto a = PlanOf("a", {{"new", 1}, {"loyal", 4}});
  const auto b = PlanOf("b", {{"new", 3}, {"loyal", 2}, {"silent", 5}});
  for (const auto& plans : {std::vector{a, b}, std::vector{b, a}}) {
    customers::Valuation valuation;
    valuation.rules = rules;
    const auto world = MakeWorld(std::move(valuation), "model", plans, *plugins, 1);
    EXPECT_EQ(world->SlotPrice("new"), 3);
    EXPECT_EQ(world->SlotPrice("loyal"), 4);
    EXPECT_EQ(world->SlotPrice("silent"), 5);
    EXPECT_EQ(world->SlotPrice("other"), 0);
    EXPECT_EQ(world->plan_ids, "plan-a,plan-b");
  }
}

}  // namespace
}  // namespace tenure::decision
