#include "tests/api/health_probe.h"

#include <grpc/support/time.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tenure::api {

int ProbeHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                int timeout_ms, std::string* why) {
  // HealthCheckRequest{service = 1} and HealthCheckResponse{status = 1}.
  std::string request;
  if (!service.empty()) {
    request = absl::StrCat("\x0a", std::string(1, static_cast<char>(service.size())), service);
  }
  const grpc::Slice slice(request);
  const grpc::ByteBuffer out(&slice, 1);
  grpc::ByteBuffer in;
  grpc::ClientContext context;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN)));
  grpc::GenericStub stub(channel);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &out, &in,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  grpc::Slice reply;
  if (!status.ok()) {
    *why = status.error_message();
    return 0;
  }
  if (!in.DumpToSingleSlice(&reply).ok() || reply.size() != 2) {
    *why = "the answer is no HealthCheckResponse";
    return 0;
  }
  return reply.begin()[1];
}

}  // namespace tenure::api
