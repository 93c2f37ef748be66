#include "server/api/decision_conversion.h"

#include <gtest/gtest.h>

namespace tenure::api {
namespace {

TEST(HoldName, IsReadBackAsItWasWritten) {
  Violations violations;
  EXPECT_EQ(ParseHoldName("name", HoldName(0xab1), &violations), 0xab1u);
  EXPECT_TRUE(violations.empty());
}

TEST(HoldName, AnyOtherSpelling_IsRefused) {
  for (const char* name : {"holds/0000000000000AB1", "holds/0x00000000000ab1", "holds/ab1",
                           "holds/0000000000000000", "holds/+000000000000ab1"}) {
    Violations violations;
    EXPECT_EQ(ParseHoldName("name", name, &violations), 0u) << name;
    EXPECT_FALSE(violations.empty()) << name;
  }
}

}  // namespace
}  // namespace tenure::api
