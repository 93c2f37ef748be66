#include "server/transactions/name_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"

namespace tenure::transactions {
namespace {

TEST(NameTable, RandomNames_HaveOneNumberEach) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    NameTable table;
    std::map<std::string, uint32_t> numbers;
    for (int i = 0; i < 5'000; ++i) {
      // All lengths around what a slot holds, of few letters, zeros too.
      std::string name;
      for (size_t length = random.Below(20); name.size() < length;) {
        name += static_cast<char>(random.Below(3) * 'a' / 2);
      }
      const auto [found, inserted] = numbers.emplace(name, static_cast<uint32_t>(numbers.size()));
      EXPECT_EQ(table.Add(name), found->second);
    }
    ASSERT_EQ(table.size(), numbers.size());
    for (const auto& [name, number] : numbers) EXPECT_EQ(table.Get(number), name);
  }
}

TEST(NameTable, NamesThatDifferByTheirEnd_AreTwo) {
  NameTable table;
  const std::string zero("a\0", 2), block(100'000, 'x');
  EXPECT_EQ(table.Add("a"), 0u);
  EXPECT_EQ(table.Add(zero), 1u);
  EXPECT_EQ(table.Add(""), 2u);
  EXPECT_EQ(table.Add("fifteen letters"), 3u);
  EXPECT_EQ(table.Add("fifteen letters and one"), 4u);
  EXPECT_EQ(table.Add("fifteen letters and two"), 5u);
  EXPECT_EQ(table.Add(block), 6u);
  EXPECT_EQ(table.Add("fifteen letters and one"), 4u);
  EXPECT_EQ(table.Add("a"), 0u);
  EXPECT_EQ(table.Get(6), block);
}

}  // namespace
}  // namespace tenure::transactions
