#include "server/customers/compact_array.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenure::customers {
namespace {

using Array = CompactArray<int>;

std::vector<int> In(const Array& array) { return {array.begin(), array.end()}; }

Array OneToFour(size_t room) {
  Array array;
  array.reserve(room);
  for (int i = 1; i <= 4; ++i) array.push_back(i);
  return array;
}

TEST(CompactArray, BorrowerWithRoom_AppendsWhereTheLenderDoesNotLook) {
  const Array lender = OneToFour(8);
  {
    Array dropped;
    dropped.Borrow(lender);
    dropped.push_back(5);
    EXPECT_EQ(dropped.begin(), lender.begin());
    EXPECT_EQ(In(dropped), (std::vector<int>{1, 2, 3, 4, 5}));
    EXPECT_EQ(In(lender), (std::vector<int>{1, 2, 3, 4}));
  }
  Array second;
  second.Borrow(lender);
  EXPECT_EQ(In(second), (std::vector<int>{1, 2, 3, 4}));
  second.push_back(6);
  EXPECT_EQ(second.back(), 6);
  EXPECT_EQ(In(lender), (std::vector<int>{1, 2, 3, 4}));
}

TEST(CompactArray, BorrowerThatChangesSomething_CopiesFirst) {
  const Array lender = OneToFour(8);
  Array changed;
  changed.Borrow(lender);
  changed.Mutable(0) = 9;
  Array inserted;
  inserted.Borrow(lender);
  inserted.insert(2, 7);
  Array erased;
  erased.Borrow(lender);
  erased.erase_if([](int i) { return i % 2 == 0; });
  Array grown;
  grown.Borrow(lender);
  for (int i = 5; i < 20; ++i) grown.push_back(i);
  EXPECT_EQ(In(lender), (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(In(changed), (std::vector<int>{9, 2, 3, 4}));
  EXPECT_EQ(In(inserted), (std::vector<int>{1, 2, 7, 3, 4}));
  EXPECT_EQ(In(erased), (std::vector<int>{1, 3}));
  EXPECT_EQ(grown.size(), 19u);
}

TEST(CompactArray, TakeFrom_MovesWhatIsSharedAndLeavesWhatIsNot) {
  Array lender = OneToFour(8);
  const int* values = lender.begin();
  Array sharing;
  sharing.Borrow(lender);
  sharing.push_back(5);
  sharing.TakeFrom(&lender);
  EXPECT_TRUE(lender.empty());
  lender = Array();
  EXPECT_EQ(sharing.begin(), values);
  EXPECT_EQ(In(sharing), (std::vector<int>{1, 2, 3, 4, 5}));
  Array copied;
  copied.Borrow(sharing);
  copied.Mutable(0) = 9;
  copied.TakeFrom(&sharing);
  EXPECT_EQ(In(sharing), (std::vector<int>{1, 2, 3, 4, 5}));
  EXPECT_EQ(copied[0], 9);
}

}  // namespace
}  // namespace tenure::customers
