// Asks tenured for one decision: decide CUSTOMER REQUEST_ID [SERVER]
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <iostream>
#include <string>

#include "tenure/v1/decision_service.grpc.pb.h"

namespace v1 = tenure::v1;

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: decide CUSTOMER REQUEST_ID [SERVER]\n";
    return 2;
  }
  const auto channel = grpc::CreateChannel(argc > 3 ? argv[3] : "127.0.0.1:7878",
                                           grpc::InsecureChannelCredentials());
  const auto decisions = v1::DecisionService::NewStub(channel);

  v1::DecideRequest request;
  request.set_customer(std::string("customers/") + argv[1]);
  request.set_request_id(argv[2]);  // the same id again: the same answer, nothing spent twice
  grpc::ClientContext context;
  context.AddMetadata("tenure-caller", "example");
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  v1::DecideResponse response;
  const grpc::Status status = decisions->Decide(&context, request, &response);
  if (!status.ok()) {
    std::cerr << status.error_message() << "\n";
    return 1;
  }
  const v1::Decision& decision = response.decision();
  std::cout << decision.name() << ": " << decision.why() << "\n";
  for (const v1::Selection& chosen : decision.selections()) {
    std::cout << "  " << chosen.campaign() << "/" << chosen.offer() << " by " << chosen.channel();
    if (!chosen.hold().empty()) std::cout << ", settle " << chosen.hold() << " when it is used";
    std::cout << "\n";
  }
  return 0;
}
