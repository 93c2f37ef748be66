#include "tests/budget/ledger_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tenure::budget {
namespace {

TEST(LedgerModel, RandomHistories_AreWhatThePlainModelSays) {
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    const std::vector<Operation> history = RandomHistory(seed, 250);
    if (Differs(history).empty()) continue;
    const std::vector<Operation> shortest = Shrink(history, &Differs);
    std::string text = absl::StrCat("seed ", seed, ", shortest history:\n");
    for (const Operation& operation : shortest) absl::StrAppend(&text, Print(operation), "\n");
    FAIL() << text << Differs(shortest);
  }
}

// A history is wanted that holds on "ax", commits something, and has more than 7 micros in both.
std::string FailsByTwo(const std::vector<Operation>& history) {
  bool held = false;
  for (const Operation& o : history) {
    held |= o.kind == Operation::Kind::kHold && o.node == 3 && o.micros > 7;
    if (held && o.kind == Operation::Kind::kCommit && o.micros > 7) return "fails";
  }
  return "";
}

TEST(LedgerModel, AFailingHistory_ShrinksToWhatItNeeds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<Operation> history = RandomHistory(seed, 250);
    if (FailsByTwo(history).empty()) continue;
    const std::vector<Operation> shortest = Shrink(history, &FailsByTwo);
    ASSERT_EQ(shortest.size(), 2u) << "seed " << seed;
    EXPECT_EQ(shortest[0].kind, Operation::Kind::kHold);
    EXPECT_EQ(shortest[0].micros, 8);
    EXPECT_EQ(shortest[1].micros, 8);
    EXPECT_EQ(shortest[0].lives, 1);
  }
}

// The model would see it: every operation is accepted often enough to mean something.
TEST(LedgerModel, RandomHistories_ReachEveryOperation) {
  std::map<Operation::Kind, int> accepted;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    LedgerModel model;
    for (const Operation& o : RandomHistory(seed, 250)) accepted[o.kind] += model.Apply(o);
  }
  EXPECT_EQ(accepted.size(), 13u);
  for (const auto& [kind, times] : accepted) {
    EXPECT_GT(times, 15) << static_cast<int>(kind);
  }
}

}  // namespace
}  // namespace tenure::budget
