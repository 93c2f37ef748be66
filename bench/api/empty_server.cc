#include "bench/api/empty_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <cstdio>
#include <fstream>

#include "tenure/v1/decision_service.grpc.pb.h"

namespace tenure::bench {
namespace {

namespace v1 = tenure::v1;

class EmptyService final : public v1::DecisionService::CallbackService {
 public:
  explicit EmptyService(const v1::BatchDecideResponse& replies) : replies_(replies) {}

  grpc::ServerUnaryReactor* Decide(grpc::CallbackServerContext* context, const v1::DecideRequest*,
                                   v1::DecideResponse* response) override {
    const uint32_t turn = next_.fetch_add(1, std::memory_order_relaxed);
    *response->mutable_decision() =
        replies_.results(static_cast<int>(turn % static_cast<uint32_t>(replies_.results_size())))
            .decision();
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const v1::BatchDecideResponse& replies_;
  std::atomic<uint32_t> next_{0};
};

}  // namespace

int ServeEmpty(const v1::BatchDecideResponse& replies, const std::string& port_file) {
  EmptyService service(replies);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 1;
  std::ofstream(port_file + ".tmp") << port << "\n";
  if (std::rename((port_file + ".tmp").c_str(), port_file.c_str()) != 0) return 1;
  while (std::getchar() != EOF) {
  }
  server->Shutdown();
  return 0;
}

}  // namespace tenure::bench
