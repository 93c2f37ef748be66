// What the host says of a plugin that goes wrong: on its log, and when the process dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/plugin_host/fault_log.h"
#include "server/plugin_host/plugin_call.h"
#include "server/plugin_host/policy.h"
#include "tests/plugin_host/test_plugins.h"

namespace tenure::plugin_host {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kSecondUs = 1'000'000;

struct Lines {
  std::vector<std::string> all;
  LogSink sink() {
    return [this](Severity severity, absl::string_view line) {
      all.emplace_back((severity == Severity::kInfo ? "info " : "warning ") + std::string(line));
    };
  }
};

std::shared_ptr<const Policy> Make(const std::string& name, const LogSink& log) {
  const auto plugin = Plugin::Load(TestPlugin(name), log);
  EXPECT_TRUE(plugin.ok()) << plugin.status();
  OfferSpec mail;
  mail.id = "mail";
  const auto policy = Policy::Create(*plugin, "{}", {mail});
  return policy.ok() ? *policy : nullptr;
}

void ProposeOnce(const Policy& policy) {
  const auto schema =
      std::make_shared<const Schema>(*Schema::Create({{"p_alive", DType::kDouble}}));
  Batch batch(schema, 2);
  for (size_t row = 0; row < 2; ++row) batch.SetDouble(0, row, 0.5);
  Proposals out;
  policy.Propose(batch, {1, 1}, {7, 7}, 0, 0, &out).IgnoreError();
}

TEST(FaultLog, SameReason_IsSaidOnceAMinuteWithACount) {
  Lines lines;
  FaultLog log(lines.sink());
  for (int64_t second = 0; second < 59; ++second)
    log.Warn("late", "a late one", second * kSecondUs);
  log.Warn("other", "another", 3 * kSecondUs);
  log.Warn("late", "a late one", 60 * kSecondUs);
  EXPECT_THAT(lines.all, ElementsAre("warning a late one", "warning another",
                                     "warning a late one (and 58 times more since last said)"));
}

TEST(PluginFaults, Load_SaysThePathBeforeAnythingRuns) {
  Lines lines;
  Make("good", lines.sink());
  EXPECT_THAT(lines.all, ElementsAre("info loading " + TestPlugin("good")));
}

TEST(PluginFaults, RefusedParameters_AreOnTheLog) {
  Lines lines;
  EXPECT_EQ(Make("refuses", lines.sink()), nullptr);
  ASSERT_EQ(lines.all.size(), 2u);
  EXPECT_THAT(lines.all[1],
              AllOf(HasSubstr("plugin fixture"), HasSubstr("uplift_low must not exceed uplift")));
}

TEST(PluginFaults, NanAnswers_AreOnTheLogOnce) {
  Lines lines;
  const auto policy = Make("nan_value", lines.sink());
  for (int call = 0; call < 100; ++call) ProposeOnce(*policy);
  ASSERT_EQ(lines.all.size(), 2u);
  EXPECT_THAT(lines.all[1], AllOf(HasSubstr("plugin fixture 1.2.3, row 0, offer 'mail'"),
                                  HasSubstr("NaN"), HasSubstr("2 of 2 cells")));
}

TEST(PluginFaults, FailedCalls_AreOnTheLogOnce) {
  Lines lines;
  const auto policy = Make("throws", lines.sink());
  for (int call = 0; call < 100; ++call) ProposeOnce(*policy);
  ASSERT_EQ(lines.all.size(), 2u);
  EXPECT_THAT(lines.all[1], HasSubstr("the policy lost its way"));
}

TEST(PluginCrashDeathTest, InPropose_NamesThePluginAndDiesOfTheSignal) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        NamePluginOnCrash();
        ProposeOnce(*Make("crashes_in_propose", {}));
      },
      testing::KilledBySignal(SIGSEGV),
      "fatal: SIGSEGV: the plugin crash \\(.*/crashes_in_propose\\.so\\) was running, in propose");
}

TEST(PluginCrashDeathTest, InDescribe_NamesTheFile) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        NamePluginOnCrash();
        Make("crashes_in_describe", {});
      },
      testing::KilledBySignal(SIGSEGV),
      "the plugin \\(.*/crashes_in_describe\\.so\\) was running, in its loading");
}

TEST(PluginCrashDeathTest, Elsewhere_AccusesNoPlugin) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        NamePluginOnCrash();
        ProposeOnce(*Make("good", {}));
        abort();
      },
      testing::KilledBySignal(SIGABRT), "fatal: SIGABRT outside of any plugin call");
}

}  // namespace
}  // namespace tenure::plugin_host
