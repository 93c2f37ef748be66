// `tenure commit HOLD`, `tenure release HOLD`, `tenure refund HOLD`, `tenure redeem COUPON`
#include <iostream>
#include <memory>
#include <string>

#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "tenure/v1/decision_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

struct HoldOptions {
  std::string hold;
  std::string actual;
  std::string request_id;
};

absl::Status PrintHold(const Session& session, const v1::Hold& hold) {
  if (session.json) return PrintMessage(hold);
  std::cout << hold.name() << ": " << v1::HoldState_Name(hold.state()).substr(11) << ", held "
            << FormatMicros(hold.held_micros()) << ", committed "
            << FormatMicros(hold.committed_micros());
  if (hold.refunded_micros() != 0) {
    std::cout << ", refunded " << FormatMicros(hold.refunded_micros());
  }
  std::cout << " " << hold.currency_code() << "\n";
  return absl::OkStatus();
}

absl::Status Commit(const Session& session, const HoldOptions& options) {
  v1::CommitHoldRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_name(WithPrefix("holds/", options.hold));
  if (!options.actual.empty()) {
    TENURE_ASSIGN_OR_RETURN(const int64_t actual, ParseMicros(options.actual));
    request.set_actual_micros(actual);
  }
  v1::CommitHoldResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/CommitHold", request, &response));
  return PrintHold(session, response.hold());
}

absl::Status Release(const Session& session, const HoldOptions& options) {
  v1::ReleaseHoldRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_name(WithPrefix("holds/", options.hold));
  v1::ReleaseHoldResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/ReleaseHold", request, &response));
  return PrintHold(session, response.hold());
}

absl::Status Refund(const Session& session, const HoldOptions& options) {
  v1::RefundHoldRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_name(WithPrefix("holds/", options.hold));
  TENURE_ASSIGN_OR_RETURN(const int64_t amount, ParseMicros(options.actual));
  request.set_amount_micros(amount);
  v1::RefundHoldResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/RefundHold", request, &response));
  return PrintHold(session, response.hold());
}

absl::Status Redeem(const Session& session, const HoldOptions& options) {
  v1::RedeemCouponRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_name(WithPrefix("coupons/", options.hold));
  TENURE_ASSIGN_OR_RETURN(const int64_t amount, ParseMicros(options.actual));
  request.set_amount_micros(amount);
  v1::RedeemCouponResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/RedeemCoupon", request, &response));
  return PrintHold(session, response.hold());
}

}  // namespace

void AddHolds(const Command& app, Session* session) {
  auto options = std::make_shared<HoldOptions>();
  const Command commit = app.Add(session, "commit", "say what an offer cost in the end",
                                 [=] { return Commit(*session, *options); });
  commit.AddOption("hold", options->hold, "holds/{id}, or the id").Required();
  commit.AddOption("--actual", options->actual, "amount, such as 3.50; left out: all of it");
  const Command release =
      app.Add(session, "release", "give a hold back", [=] { return Release(*session, *options); });
  release.AddOption("hold", options->hold, "holds/{id}, or the id").Required();
  const Command refund =
      app.Add(session, "refund", "give back what was spent, to the period it was spent in",
              [=] { return Refund(*session, *options); });
  refund.AddOption("hold", options->hold, "holds/{id}, or the id").Required();
  const Command redeem = app.Add(session, "redeem", "hold money for a coupon; it may be refused",
                                 [=] { return Redeem(*session, *options); });
  redeem.AddOption("coupon", options->hold, "coupons/{id}, or the id").Required();
  for (const Command& command : {refund, redeem}) {
    command.AddOption("--amount", options->actual, "amount, such as 3.50").Required();
  }
  for (const Command& command : {commit, release, refund, redeem}) {
    command.AddOption("--request-id", options->request_id, "makes a retry by hand safe");
  }
}

}  // namespace tenure::cli
