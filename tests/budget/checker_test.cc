#include "server/budget/checker.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenure::budget {
namespace {

using Kind = Movement::Kind;

std::vector<Movement> History() {
  return {
      {Kind::kOpen, "all", "", 0, 100},     {Kind::kOpen, "all/a", "all", 0, 70},
      {Kind::kOpen, "all/b", "all", 0, 70}, {Kind::kHold, "all/a", "", 1, 60},
      {Kind::kHold, "all/b", "", 2, 40},    {Kind::kCommit, "", "", 1, 50},
      {Kind::kHold, "all/b", "", 3, 10},    {Kind::kExpire, "", "", 2, 0},
      {Kind::kRefund, "", "", 1, 20},       {Kind::kHold, "all/a", "", 4, 40},
      {Kind::kLimit, "all/a", "", 0, 5},    {Kind::kRelease, "", "", 3, 0},
      {Kind::kHold, "all/b", "", 5, 30},
  };
}

// The 1-based position of the first movement refused, 0 when all were fine.
size_t FirstBroken(const std::vector<Movement>& history) {
  Checker checker;
  for (size_t i = 0; i < history.size(); ++i) {
    if (!checker.Next(history[i]).ok()) return i + 1;
  }
  return 0;
}

TEST(Checker, ARightHistory_IsAccepted) { EXPECT_EQ(FirstBroken(History()), 0u); }

TEST(Checker, OneAmountFlipped_IsFoundWhereItHurts) {
  auto history = History();
  history[4].micros = 41;  // the root takes 100: 60 + 41 is one too many
  EXPECT_EQ(FirstBroken(history), 5u);
  history = History();
  history[5].micros = 61;  // more than was held
  EXPECT_EQ(FirstBroken(history), 6u);
  history = History();
  history[8].micros = 19;  // then 31 + 10 + 60 stand where 100 may
  EXPECT_EQ(FirstBroken(history), 10u);
}

TEST(Checker, OneMovementSwapped_IsFound) {
  auto history = History();
  history[7] = {Kind::kRelease, "", "", 1, 0};  // committed before
  EXPECT_EQ(FirstBroken(history), 8u);
  history = History();
  history[8] = {Kind::kRefund, "", "", 3, 1};  // only held
  EXPECT_EQ(FirstBroken(history), 9u);
  history = History();
  history[3].hold_id = 2;  // a second hold 2 follows
  EXPECT_EQ(FirstBroken(history), 5u);
}

TEST(Checker, AnEnvelopeBelowItsLoweredLimit_TakesNothing) {
  auto history = History();
  history.push_back({Kind::kHold, "all/a", "", 6, 1});
  EXPECT_EQ(FirstBroken(history), history.size());
}

}  // namespace
}  // namespace tenure::budget
