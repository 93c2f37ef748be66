// Asks a server what the command line can't: its health, and one decision with a deadline.
#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "google/rpc/error_model.pb.h"
#include "tenure/v1/decision_service.grpc.pb.h"
#include "tests/api/health_probe.h"

namespace tenure {
namespace {

void SetTimeout(grpc::ClientContext* context, int ms) {
  context->set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(ms, GPR_TIMESPAN)));
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status wire;
  google::rpc::ErrorInfo info;
  wire.ParseFromString(status.error_details());
  for (const auto& detail : wire.details()) {
    if (absl::EndsWith(detail.type_url(), "ErrorInfo")) info.ParseFromString(detail.value());
  }
  return info.reason();
}

// Prints the status' number: 1 SERVING, 2 NOT_SERVING.
int Health(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  std::string why;
  const int status = api::ProbeHealth(channel, service, 10'000, &why);
  if (status == 0) {
    std::printf("no answer: %s\n", why.c_str());
    return 1;
  }
  std::printf("%d\n", status);
  return 0;
}

// Prints code, reason, and the decision's name or the error's message.
int Decide(const std::shared_ptr<grpc::Channel>& channel, const std::string& customer,
           const std::string& request_id, int timeout_ms) {
  v1::DecideRequest request;
  request.set_customer(customer);
  request.set_request_id(request_id);
  v1::DecideResponse response;
  grpc::ClientContext context;
  SetTimeout(&context, timeout_ms);
  const grpc::Status status =
      v1::DecisionService::NewStub(channel)->Decide(&context, request, &response);
  std::printf("%d\t%s\t%s\n", static_cast<int>(status.error_code()), ReasonOf(status).c_str(),
              status.ok() ? response.decision().name().c_str() : status.error_message().c_str());
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  int timeout_ms = 0;
  if (arguments.size() == 3 && arguments[1] == "health") {
    return Health(grpc::CreateChannel(arguments[0], grpc::InsecureChannelCredentials()),
                  arguments[2]);
  }
  if (arguments.size() == 5 && arguments[1] == "decide" &&
      absl::SimpleAtoi(arguments[4], &timeout_ms)) {
    return Decide(grpc::CreateChannel(arguments[0], grpc::InsecureChannelCredentials()),
                  arguments[2], arguments[3], timeout_ms);
  }
  std::fprintf(stderr,
               "probe ADDRESS health SERVICE\n"
               "probe ADDRESS decide CUSTOMER REQUEST_ID TIMEOUT_MS\n");
  return 2;
}

}  // namespace
}  // namespace tenure

int main(int argc, char** argv) {
  return tenure::Main(std::vector<std::string>(argv + 1, argv + argc));
}
