#include "server/engine/key_window.h"

#include <gtest/gtest.h>

#include "server/base/time.h"

namespace tenure::engine {
namespace {

constexpr int64_t kDay = kMicrosPerDay;
constexpr int64_t kT = 17'532 * kDay;

std::string Saved(const KeyWindow& window) {
  Writer out;
  window.Save(&out);
  return out.Take();
}

uint64_t Find(const KeyWindow& window, uint64_t fingerprint, int64_t at_us, uint64_t same_seq) {
  return window
      .Find(fingerprint, at_us,
            [&](uint64_t seq) -> absl::StatusOr<bool> { return seq == same_seq; })
      .value_or(999);
}

TEST(KeyWindow, TwoKeysOfOneFingerprint_AreToldApart) {
  KeyWindow window(kDay, 30, 100);
  window.Insert(7, 1, kT);
  EXPECT_EQ(Find(window, 7, kT, 2), 0u);
  window.Insert(7, 2, kT);
  EXPECT_EQ(Find(window, 7, kT, 1), 1u);
  EXPECT_EQ(Find(window, 7, kT, 2), 2u);
}

TEST(KeyWindow, AfterItsSpan_IsForgotten) {
  KeyWindow window(kDay, 30, 100);
  window.Insert(7, 1, kT);
  EXPECT_EQ(Find(window, 7, kT + 31 * kDay - 1, 1), 1u);
  EXPECT_EQ(Find(window, 7, kT + 31 * kDay, 1), 0u);
  window.Insert(8, 2, kT + 31 * kDay);
  EXPECT_EQ(window.size(), 1u);
}

TEST(KeyWindow, SeenAtTheEndOfAUnit_IsRememberedForTheWholeSpan) {
  for (const int64_t into : {int64_t{0}, int64_t{1}, kDay / 2, kDay - 1}) {
    KeyWindow window(kDay, 30, 100);
    window.Insert(7, 1, kT + into);
    window.Insert(8, 2, kT + into + 30 * kDay);
    EXPECT_EQ(Find(window, 7, kT + into + 30 * kDay, 1), 1u) << into;
    EXPECT_EQ(Find(window, 7, kT + into + 31 * kDay, 1), 0u) << into;
  }
}

TEST(KeyWindow, OneOverItsSize_DropsTheOldestAndCounts) {
  KeyWindow window(kDay, 30, 3);
  for (uint64_t i = 1; i <= 3; ++i) window.Insert(i, i, kT);
  EXPECT_EQ(window.crowded_out(), 0u);
  window.Insert(4, 4, kT);
  EXPECT_EQ(window.crowded_out(), 1u);
  EXPECT_EQ(Find(window, 1, kT, 1), 0u);
  EXPECT_EQ(Find(window, 2, kT, 2), 2u);
}

TEST(KeyWindow, Rollback_PutsBackEveryByte) {
  for (const size_t room : {2u, 5u, 100u}) {
    KeyWindow window(kDay, 30, room);
    for (uint64_t i = 1; i <= 5; ++i) window.Insert(i, i, kT);
    const std::string before = Saved(window);
    window.Checkpoint();
    for (uint64_t i = 6; i <= 12; ++i) window.Insert(i, i, kT + static_cast<int64_t>(i) * 4 * kDay);
    window.Rollback();
    EXPECT_EQ(Saved(window), before) << room;
    EXPECT_EQ(Find(window, 5, kT, 5), 5u);
    EXPECT_EQ(Find(window, 7, kT, 7), 0u);
  }
}

TEST(KeyWindow, RestoredFromItsBytes_IsTheSame) {
  KeyWindow window(kDay, 30, 3);
  for (uint64_t i = 1; i <= 5; ++i) window.Insert(i, i, kT);
  const std::string bytes = Saved(window);
  KeyWindow restored(kDay, 30, 3);
  Reader in(bytes);
  ASSERT_TRUE(restored.Restore(&in).ok());
  EXPECT_EQ(Saved(restored), bytes);
  EXPECT_EQ(Find(restored, 4, kT, 4), 4u);
}

}  // namespace
}  // namespace tenure::engine
