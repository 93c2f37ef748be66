#include "server/base/discount.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace tenure {
namespace {

double PerYear(absl::string_view text) {
  const absl::StatusOr<Discount> discount = ParseDiscount(text);
  EXPECT_TRUE(discount.ok()) << discount.status();
  return discount.ok() ? discount->PerYear() : -1;
}

TEST(Discount, AnnualEffective_IsItself) {
  EXPECT_EQ(PerYear("0.1"), 0.1);
  EXPECT_EQ(PerYear("10%"), 0.1);
  EXPECT_EQ(PerYear(" 10% / year "), 0.1);
  EXPECT_EQ(PerYear("10%/year compounded yearly"), 0.1);
  EXPECT_EQ(PerYear("1"), 1);
  EXPECT_EQ(PerYear("150%"), 1.5);
  EXPECT_EQ(PerYear("0"), 0);
  EXPECT_EQ(PerYear("0%/day continuous"), 0);
}

TEST(Discount, OfAPeriod_IsCompounded) {
  EXPECT_NEAR(PerYear("1%/month"), std::pow(1.01, 12) - 1, 1e-15);
  EXPECT_NEAR(PerYear("2%/quarter"), std::pow(1.02, 4) - 1, 1e-15);
  EXPECT_NEAR(PerYear("0.001/week"), std::pow(1.001, 365.25 / 7) - 1, 1e-14);
  EXPECT_NEAR(PerYear("0.0001/day"), std::pow(1.0001, 365.25) - 1, 1e-14);
}

TEST(Discount, Nominal_EarnsItsPartEachCompounding) {
  EXPECT_NEAR(PerYear("12%/year compounded monthly"), std::pow(1.01, 12) - 1, 1e-15);
  EXPECT_NEAR(PerYear("1%/month compounded quarterly"), std::pow(1.03, 4) - 1, 1e-15);
}

TEST(Discount, Continuous_IsTheExponential) {
  EXPECT_NEAR(PerYear("0.0027/week continuous"), std::exp(0.0027 * 365.25 / 7) - 1, 1e-15);
  EXPECT_NEAR(PerYear("10%/year continuous"), std::exp(0.1) - 1, 1e-16);
  // Daily compounding is nearly continuous.
  EXPECT_NEAR(PerYear("10%/year compounded daily"), PerYear("10%/year continuous"), 2e-5);
}

TEST(Discount, ThatIsNone_SaysWhichPart) {
  const auto refused = [](absl::string_view text, absl::string_view why) {
    const absl::Status status = ParseDiscount(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(status.message().find(why), absl::string_view::npos) << status;
  };
  refused("", "the rate ``");
  refused("ten/year", "the rate `ten`");
  refused("nan", "the rate `nan`");
  refused("-1%/month", "0 or more");
  refused("10", "write 10%");
  refused("1.5", "150 %");
  refused("12/year compounded monthly", "write 12%/year compounded monthly");
  refused("1%/fortnight", "the unit `fortnight` must be day, week");
  refused("1%/", "the unit ``");
  refused("1%/month monthly", "not `monthly`");
  refused("1%/month compounded", "compounded daily, weekly");
  refused("1%/month compounded often", "compounded daily, weekly");
  refused("1%/month compounded monthly please", "not `please`");
  refused("10%/day", "is the unit right?");
  refused("1e300%/day continuous", "is the unit right?");
}

}  // namespace
}  // namespace tenure
