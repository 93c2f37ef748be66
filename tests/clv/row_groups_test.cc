#include "server/clv/row_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <tuple>
#include <vector>

#include "server/base/random.h"

namespace tenure::clv {
namespace {

std::vector<PurchaseRow> WholeDays(int count, int days) {
  Random random(3);
  std::vector<PurchaseRow> rows;
  for (int i = 0; i < count; ++i) {
    const auto age = static_cast<double>(random.Below(static_cast<uint64_t>(days)));
    const double x = std::floor(3 * random.Uniform());
    const double recency = x > 0 ? std::floor(age * random.Uniform()) : 0;
    rows.push_back({x, recency, age, 1, x * 0.5});
  }
  return rows;
}

void ExpectGrouped(const std::vector<PurchaseRow>& rows) {
  std::map<std::tuple<double, double, double>, double> weights;
  for (const PurchaseRow& row : rows) {
    weights[{row.frequency, row.recency, row.age}] += row.weight;
  }
  const std::vector<PurchaseRow> groups = GroupRows(rows);
  ASSERT_EQ(groups.size(), weights.size());
  auto expected = weights.begin();  // in the same order
  for (size_t i = 0; i < groups.size(); ++i, ++expected) {
    const PurchaseRow& group = groups[i];
    EXPECT_EQ(expected->first, std::tuple(group.frequency, group.recency, group.age));
    EXPECT_EQ(expected->second, group.weight);
    EXPECT_NEAR(group.log_intervals, group.frequency * 0.5, 1e-12);
  }
}

TEST(RowGroups, ManyAlike_AreOneEach) { ExpectGrouped(WholeDays(60'000, 300)); }

TEST(RowGroups, HardlyAnyAlike_AreOneEachToo) { ExpectGrouped(WholeDays(60'000, 500'000'000)); }

TEST(RowGroups, FewRows_AreGrouped) { ExpectGrouped(WholeDays(100, 10)); }

TEST(RowGroups, Weights_AddUpInAnyOrder) {
  std::vector<PurchaseRow> rows = WholeDays(40'000, 30);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].weight = 0.1 * static_cast<double>(1 + i % 7);
  const std::vector<PurchaseRow> groups = GroupRows(rows);
  std::reverse(rows.begin(), rows.end());
  const std::vector<PurchaseRow> others = GroupRows(rows);
  ASSERT_EQ(groups.size(), others.size());
  for (size_t i = 0; i < groups.size(); ++i) EXPECT_EQ(groups[i].weight, others[i].weight);
}

}  // namespace
}  // namespace tenure::clv
