#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/request_digest.h"
#include "tenure/v1/decision_service.pb.h"

namespace tenure::api {
namespace {

tenure::v1::DecideRequest Request() {
  tenure::v1::DecideRequest request;
  request.set_request_id("r");
  request.set_customer("customers/1");
  return request;
}

TEST(RequestDigest, OtherRequestIdOrView_IsTheSameRequest) {
  tenure::v1::DecideRequest other = Request();
  other.set_request_id("another");
  other.set_view(tenure::v1::DECISION_VIEW_FULL);
  EXPECT_EQ(RequestDigest(Request()), RequestDigest(other));
}

TEST(RequestDigest, OtherField_DiffersUnderItsName) {
  tenure::v1::DecideRequest other = Request();
  other.set_customer("customers/2");
  EXPECT_NE(RequestDigest(Request()), RequestDigest(other));
  EXPECT_THAT(RequestDigest(other), ::testing::StartsWith("customer="));
  other = Request();
  other.set_validate_only(true);
  EXPECT_THAT(RequestDigest(other), ::testing::HasSubstr(",validate_only="));
}

}  // namespace
}  // namespace tenure::api
