#include "server/base/hash.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/digest.h"

namespace tenure {
namespace {

// Journaled values: these may never change.
TEST(StableHash, KnownInputs_KeepTheirValues) {
  EXPECT_EQ(StableHash(""), 0x2D06800538D394C2u);  // xxHash's published XXH3 vector, empty, seed 0
  EXPECT_EQ(HashBucket("global", "customer-1"), HashBucket("global", "customer-1"));
  EXPECT_NE(CombineHash(1, 2), CombineHash(2, 1));
}

TEST(HashBucket, ManyCustomers_SpreadEvenly) {
  int below = 0;
  constexpr int kCustomers = 100'000;
  for (int i = 0; i < kCustomers; ++i) below += HashBucket("salt", absl::StrCat("c", i)) < 300;
  EXPECT_NEAR(below, 3'000, 5 * 54);  // five standard deviations of Binomial(100000, 0.03)
}

TEST(Sha256Hex, Abc_IsFips180Vector) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace tenure
