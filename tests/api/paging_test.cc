#include "server/api/paging.h"

#include <gtest/gtest.h>

#include "server/api/names.h"

namespace tenure::api {
namespace {

TEST(Page, SizeOfZero_IsTheDefault_AndAboveTheMost_IsTheMost) {
  Violations violations;
  EXPECT_EQ(ParsePage(0, "", 1'000, &violations).size, 100u);
  EXPECT_EQ(ParsePage(1'000, "", 1'000, &violations).size, 1'000u);
  EXPECT_EQ(ParsePage(1'001, "", 1'000, &violations).size, 1'000u);
  EXPECT_TRUE(violations.empty());
}

TEST(Page, TokenOfThisServer_LeadsToItsFirstItem) {
  Violations violations;
  EXPECT_EQ(ParsePage(10, PageToken(20, 21), 1'000, &violations).first, 20u);
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(PageToken(21, 21), "");
}

TEST(Page, NegativeSizeAndForeignToken_AreBothNamed) {
  Violations violations;
  ParsePage(-1, "20", 1'000, &violations);
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "page_size: must not be negative (and 1 more)");
}

TEST(Page, TokenThatNobodyGave_IsRefused) {
  for (const char* token : {"from-18446744073709551615", "from-18446744073709551516", "from- 20",
                            "from-+20", "from-020", "from-", "20"}) {
    Violations violations;
    EXPECT_EQ(ParsePage(100, token, 1'000, &violations).first, 0u) << token;
    EXPECT_FALSE(violations.empty()) << token;
  }
}

TEST(Name, IdAtTheLimitAndOneOver) {
  Violations violations;
  EXPECT_EQ(ParseName("name", kCustomers, "customers/abcd", 4, &violations), "abcd");
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(ParseName("name", kCustomers, "customers/abcde", 4, &violations), "");
  EXPECT_FALSE(violations.empty());
}

TEST(Name, OfAnotherCollection_SaysWhatItMustBe) {
  Violations violations;
  ParseName("name", kCustomers, "orders/1", 256, &violations);
  EXPECT_EQ(violations.ToStatus().message(), "name: must be `customers/{id}`, is `orders/1`");
}

}  // namespace
}  // namespace tenure::api
