#include "tests/api/ask.h"

#include <grpc/support/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "tenure/v1/decision_service.grpc.pb.h"

namespace tenure::api {

Asked Decide(RunningServer& server, const std::string& customer, const std::string& request_id,
             int timeout_ms, const std::string& caller) {
  Asked asked;
  grpc::ClientContext context;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN)));
  if (!caller.empty()) context.AddMetadata("tenure-caller", caller);
  tenure::v1::DecideRequest request;
  request.set_request_id(request_id);
  request.set_customer(customer);
  request.set_view(tenure::v1::DECISION_VIEW_FULL);
  const auto stub = tenure::v1::DecisionService::NewStub(server.channel());
  asked.status = stub->Decide(&context, request, &asked.response);
  return asked;
}

}  // namespace tenure::api
