#include "server/customers/place_table.h"

#include <gtest/gtest.h>

namespace tenure::customers {
namespace {

TEST(PlaceTable, Cleared_ForgetsEverything) {
  PlaceTable table;
  for (const uint32_t count : {10u, 100'000u, 3'000u}) {
    EXPECT_EQ(table.Find(1), PlaceTable::kNone);
    for (uint32_t i = 1; i <= count; ++i) table.Add(i * 64, i);
    for (uint32_t i = 1; i <= count; ++i) EXPECT_EQ(table.Find(i * 64), i);
    EXPECT_EQ(table.Find(63), PlaceTable::kNone);
    table.Clear();
    for (uint32_t i = 1; i <= count; ++i) EXPECT_EQ(table.Find(i * 64), PlaceTable::kNone);
  }
}

}  // namespace
}  // namespace tenure::customers
