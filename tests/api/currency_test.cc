// Amounts of two currencies never meet: a call that states another than the server's is refused by
// the name of the field, and moves nothing.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tenure/v1/decision_service.grpc.pb.h"
#include "tests/api/ask.h"
#include "tests/api/running_server.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::StatusCode;
using ::testing::HasSubstr;

constexpr int64_t kUnit = 1'000'000;

class CurrencyTest : public testing::Test {
 protected:
  CurrencyTest() : server(Options()), stub(v1::DecisionService::NewStub(server.channel())) {
    server.AddCustomer("ann");
    const Asked asked = Decide(server, "customers/ann", "r");
    EXPECT_TRUE(asked.status.ok()) << asked.status.error_message();
    EXPECT_EQ(asked.response.decision().selections_size(), 1);
    selection = asked.response.decision().selections(0);
  }
  static RunningServer::Options Options() {
    RunningServer::Options options;
    options.rules =
        "name: shop\ncurrency: USD\nzone: UTC\n"
        "tracks:\n  - id: lifecycle\n    stages:\n      - {id: new, enter: purchases >= 1}\n"
        "budgets:\n  - {id: all, period: month, limit: 50, unplanned: 0, "
        "segments: [{id: everybody}]}\n"
        "campaigns:\n  - id: gift\n    class: service\n    channel: email\n    plugin: stuck\n"
        "    budget: all\n    offers:\n      - {id: one, contact_cost: 1.00, discount: 9.00, "
        "valid_days: 20, reserve: at_redemption}\n";
    return options;
  }

  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::DecisionService::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                    Request request, const std::string& currency, v1::Hold* hold) {
    request.set_currency_code(currency);
    Response response;
    grpc::ClientContext context;
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (response.has_hold()) *hold = response.hold();
    return status;
  }
  // Refused in euros, done in dollars, under one request id: the refusal took none.
  template <typename Request, typename Response>
  v1::Hold InDollarsOnly(grpc::Status (v1::DecisionService::Stub::*method)(grpc::ClientContext*,
                                                                           const Request&,
                                                                           Response*),
                         const Request& request) {
    v1::Hold hold;
    const grpc::Status refused = Call(method, request, "EUR", &hold);
    EXPECT_EQ(refused.error_code(), StatusCode::INVALID_ARGUMENT);
    const auto details = DetailOf<google::rpc::BadRequest>(refused);
    EXPECT_EQ(details.field_violations_size(), 1);
    if (details.field_violations_size() == 1) {
      EXPECT_EQ(details.field_violations(0).field(), "currency_code");
      EXPECT_THAT(details.field_violations(0).description(), HasSubstr("in USD, not EUR"));
    }
    EXPECT_EQ(hold.name(), "");
    const grpc::Status done = Call(method, request, "USD", &hold);
    EXPECT_TRUE(done.ok()) << done.error_message();
    EXPECT_EQ(hold.currency_code(), "USD");
    return hold;
  }
  v1::CommitHoldRequest Commit(const std::string& hold, int64_t micros) {
    v1::CommitHoldRequest request;
    request.set_name(hold);
    request.set_request_id("commit/" + hold);
    request.set_actual_micros(micros);
    return request;
  }

  RunningServer server;
  const std::unique_ptr<v1::DecisionService::Stub> stub;
  v1::Selection selection;
};

TEST_F(CurrencyTest, CommitInAnother_IsRefusedByName) {
  const v1::Hold hold =
      InDollarsOnly(&v1::DecisionService::Stub::CommitHold, Commit(selection.hold(), kUnit));
  EXPECT_EQ(hold.committed_micros(), kUnit);
}

TEST_F(CurrencyTest, RefundInAnother_IsRefusedByName) {
  v1::Hold hold;
  ASSERT_TRUE(
      Call(&v1::DecisionService::Stub::CommitHold, Commit(selection.hold(), kUnit), "USD", &hold)
          .ok());
  v1::RefundHoldRequest refund;
  refund.set_name(selection.hold());
  refund.set_request_id("refund");
  refund.set_amount_micros(kUnit / 4);
  hold = InDollarsOnly(&v1::DecisionService::Stub::RefundHold, refund);
  EXPECT_EQ(hold.refunded_micros(), kUnit / 4);
}

TEST_F(CurrencyTest, RedemptionInAnother_IsRefusedByName) {
  ASSERT_NE(selection.coupon(), "");
  v1::RedeemCouponRequest redeem;
  redeem.set_name(selection.coupon());
  redeem.set_request_id("redeem");
  redeem.set_amount_micros(9 * kUnit);
  const v1::Hold hold = InDollarsOnly(&v1::DecisionService::Stub::RedeemCoupon, redeem);
  EXPECT_EQ(hold.held_micros(), 9 * kUnit);
}

}  // namespace
}  // namespace tenure::api
