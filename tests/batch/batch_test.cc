#include "server/batch/batch.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace tenure {
namespace {

std::shared_ptr<const Schema> MakeSchema() {
  return std::make_shared<const Schema>(Schema::Create({{"clv", DType::kDouble},
                                                        {"purchases", DType::kInt64},
                                                        {"region", DType::kString},
                                                        {"vip", DType::kBool}})
                                            .value());
}

TEST(Batch, Fresh_HasEveryValueMissing) {
  const Batch batch(MakeSchema(), 65);
  for (size_t c = 0; c < batch.schema().size(); ++c) {
    for (size_t r = 0; r < batch.rows(); ++r) EXPECT_FALSE(batch.column(c).IsValid(r));
  }
}

TEST(Batch, SetValues_ReadBackAcrossTheValidityWord) {
  Batch batch(MakeSchema(), 130);
  batch.SetDouble(0, 64, 1.5);
  batch.SetInt64(1, 129, -7);
  batch.SetString(2, 3, "West");
  batch.SetString(2, 100, "West");
  batch.SetBool(3, 63, true);
  const Batch moved = std::move(batch);
  EXPECT_EQ(moved.column(0).Double(64), 1.5);
  EXPECT_TRUE(moved.column(0).IsValid(64));
  EXPECT_FALSE(moved.column(0).IsValid(63));
  EXPECT_EQ(moved.column(1).Int64(129), -7);
  EXPECT_EQ(moved.column(2).Code(3), moved.column(2).Code(100));
  EXPECT_EQ(moved.column(2).String(100), "West");
  EXPECT_TRUE(moved.column(3).Bool(63));
}

TEST(Batch, Columns_Are64ByteAligned) {
  const Batch batch(MakeSchema(), 3);
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(batch.column(c).values) % 64, 0u);
  }
}

TEST(Batch, SetMissing_ClearsValueAndValidity) {
  Batch batch(MakeSchema(), 2);
  batch.SetInt64(1, 0, 5);
  batch.SetInt64(1, 1, 6);
  batch.SetMissing(1, 0);
  EXPECT_FALSE(batch.column(1).IsValid(0));
  EXPECT_EQ(batch.column(1).Int64(0), 0);
  EXPECT_EQ(batch.column(1).Int64(1), 6);
}

TEST(Batch, ZeroRowsOrColumns_Work) {
  const Batch rows(MakeSchema(), 0);
  EXPECT_EQ(rows.rows(), 0u);
  const Batch columns(std::make_shared<const Schema>(Schema::Create({}).value()), 5);
  EXPECT_EQ(columns.schema().size(), 0u);
}

TEST(BatchDeathTest, WrongSetter_IsABrokenInvariant) {
  Batch batch(MakeSchema(), 1);
  EXPECT_DEATH(batch.SetDouble(1, 0, 1.0), "broken invariant");
}

TEST(Schema, RepeatedName_IsRefusedByName) {
  const auto schema = Schema::Create({{"a", DType::kBool}, {"a", DType::kInt64}});
  EXPECT_NE(schema.status().message().find("\"a\""), absl::string_view::npos);
}

}  // namespace
}  // namespace tenure
