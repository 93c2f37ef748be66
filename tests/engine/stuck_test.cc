// A policy that does not return: what it keeps, and what goes on without it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/decision/candidates.h"
#include "server/decision/plugin_catalog.h"
#include "server/rules/compiler.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Long past its limit of 50 ms and the second after it, but not for ever: the test has to end.
constexpr int kStuckMs = 3'000;

std::shared_ptr<const plugin_host::Registry> SteadyAndStuck(const std::string& dir) {
  const std::string lib =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string() +
      "/lib/tenure/";
  std::filesystem::create_directory(dir);
  std::filesystem::copy_file(lib + "engine-test-plugins/steady.so", dir + "/steady.so");
  std::filesystem::copy_file(lib + "stuck-plugin/stuck.so", dir + "/stuck.so");
  return std::make_shared<const plugin_host::Registry>(
      plugin_host::Registry::LoadFolder(dir).value());
}

std::shared_ptr<const rules::RuleSet> Rules(
    const std::shared_ptr<const plugin_host::Registry>& plugins) {
  const std::string text = absl::StrCat(R"(
name: shop
currency: USD
zone: UTC
tracks:
  - id: lifecycle
    stages:
      - {id: active, enter: purchases >= 1, exit: purchases < 1}
campaigns:
  - id: partner
    title: From a partner
    class: service
    channel: email
    plugin: stuck
    params: {ms: )",
                                        kStuckMs, R"(}
    offers:
      - {id: card, title: A card, contact_cost: 0}
  - id: thanks
    title: Thanks
    class: service
    channel: email
    plugin: steady
    offers:
      - {id: card, title: A card, contact_cost: 0}
)");
  rules::Compiled compiled =
      rules::Compile({{"rules.yaml", text}}, decision::RegistryCatalog(plugins));
  for (const rules::Problem& problem : compiled.problems) ADD_FAILURE() << rules::Render(problem);
  return compiled.rule_set;
}

std::string WordsOf(const absl::StatusOr<Decision>& decision, int32_t campaign) {
  if (!decision.ok()) return decision.status().ToString();
  for (const journal::CandidateRecord& candidate : decision->record.candidates) {
    if (candidate.campaign == campaign) {
      return std::string(decision::TextOf(decision->record, candidate));
    }
  }
  return "";
}

TEST(StuckPolicy, OnEveryDecisionThread_IsLeftAloneAndDecisionsGoOn) {
  Shop shop;
  Options options = shop.options();
  options.plugins = SteadyAndStuck(shop.dir + "/plugins");
  options.decision_threads = 2;
  shop.Open(options);
  ASSERT_TRUE(shop.Publish(Rules(options.plugins)).ok());
  std::vector<std::future<absl::StatusOr<Decision>>> decisions;
  for (int c = 0; c < 3; ++c) {
    ASSERT_TRUE(shop.Ingest({Purchase(absl::StrCat("c", c), absl::StrCat("e", c))}).ok());
  }
  for (int c = 0; c < 3; ++c) {
    decisions.push_back(std::async(std::launch::async, [&shop, c] {
      return shop.Decide(absl::StrCat("c", c), absl::StrCat("r", c));
    }));
  }
  for (auto& answer : decisions) {
    const absl::StatusOr<Decision> decision = answer.get();
    EXPECT_THAT(WordsOf(decision, 0),
                testing::AllOf(HasSubstr("plugin stuck 1.0.0: stuck since 2018-01-01T"),
                               HasSubstr("restart")));
    ASSERT_TRUE(decision.ok()) << decision.status();
    EXPECT_EQ(decision->record.selections.size(), 1u) << "the other campaign competes";
  }
  const Health health = shop.engine->health();
  EXPECT_GE(health.stuck_threads, 1);
  EXPECT_TRUE(health.decides);
  EXPECT_TRUE(shop.Verify().ok());
  EXPECT_THAT(shop.logged, Contains(testing::AllOf(HasSubstr("The plugin stuck 1.0.0 ("),
                                                   HasSubstr("/stuck.so) is stuck"))));
  EXPECT_THAT(shop.severities, Contains(Severity::kError));
  const auto again = shop.Decide("c0", "r0");
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(WordsOf(again, 0), HasSubstr("stuck since")) << "decided once, not twice";
  shop.Close();  // waits for the stuck threads, which end in this test
}

}  // namespace
}  // namespace tenure::engine
