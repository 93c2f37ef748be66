#include "server/rules/stage_machine.h"

#include <gtest/gtest.h>

#include "server/rules/compiler.h"
#include "tests/rules/fake_catalog.h"

namespace tenure::rules {
namespace {

constexpr int kCalm = 0, kBusy = 1, kPlain = 2;
constexpr int64_t kDay = kMicrosPerDay;
constexpr int64_t kNow = 1'000 * kDay;

class StageMachine : public testing::Test {
 protected:
  StageMachine()
      : compiled_(Compile({{"rules.yaml", R"(
name: shop
currency: USD
zone: UTC
tracks:
  - id: lifecycle
    stages:
      - {id: calm, enter: spend_mean < 1.0, exit: spend_mean > 5.0, min_dwell: 10d, cool_down: 20d}
      - {id: busy, enter: purchases >= 3}
      - {id: plain, enter: purchases >= 1}
)"}},
                          FakeCatalog())) {}

  int Next(int stage, int64_t purchases, double spend_mean, int64_t entered_us = 0,
           std::vector<int64_t> left = {}) {
    const RuleSet& set = *compiled_.rule_set;
    Batch batch(set.schema, 2);
    batch.SetInt64(*set.schema->Find("purchases"), 1, purchases);
    if (spend_mean >= 0) batch.SetDouble(*set.schema->Find("spend_mean"), 1, spend_mean);
    return NextStage(set.tracks[0], {stage, entered_us, left}, batch, 1, kNow);
  }

  const Compiled compiled_;
};

TEST_F(StageMachine, NoStage_TakesTheFirstThatHolds) {
  EXPECT_EQ(Next(kNoStage, 3, 9), kBusy);
  EXPECT_EQ(Next(kNoStage, 3, 0), kCalm);
  EXPECT_EQ(Next(kNoStage, 0, 9), kNoStage);
}

TEST_F(StageMachine, WithoutExit_LeavesWhenEnterNoLongerHolds) {
  EXPECT_EQ(Next(kBusy, 3, 9), kBusy);
  EXPECT_EQ(Next(kBusy, 2, 9), kPlain);
}

TEST_F(StageMachine, BetweenEnterAndExit_Stays) {
  EXPECT_EQ(Next(kCalm, 3, 3), kCalm);
  EXPECT_EQ(Next(kCalm, 3, 5.5), kBusy);
}

TEST_F(StageMachine, MinDwell_EndsExactlyThen) {
  EXPECT_EQ(Next(kCalm, 3, 9, kNow - 10 * kDay + 1), kCalm);
  EXPECT_EQ(Next(kCalm, 3, 9, kNow - 10 * kDay), kBusy);
}

TEST_F(StageMachine, CoolDown_EndsExactlyThen) {
  EXPECT_EQ(Next(kBusy, 1, 0, 0, {kNow - 20 * kDay + 1, kNeverLeft, kNeverLeft}), kPlain);
  EXPECT_EQ(Next(kBusy, 1, 0, 0, {kNow - 20 * kDay, kNeverLeft, kNeverLeft}), kCalm);
}

TEST_F(StageMachine, NothingElseHolds_Stays) { EXPECT_EQ(Next(kPlain, 0, 9), kPlain); }

TEST_F(StageMachine, Missing_MovesNobody) {
  EXPECT_EQ(Next(kCalm, 3, -1), kCalm);
  EXPECT_EQ(Next(kNoStage, 0, -1), kNoStage);
}

}  // namespace
}  // namespace tenure::rules
