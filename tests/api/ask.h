// Asking a server, and reading what its errors carry.
#ifndef TENURE_TESTS_API_ASK_H_
#define TENURE_TESTS_API_ASK_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/strings/match.h"
#include "google/rpc/error_model.pb.h"
#include "tenure/v1/decision_service.pb.h"
#include "tests/api/running_server.h"

namespace tenure::api {

// The detail of a type among an error's details; empty when there is none.
template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status wire;
  Detail detail;
  wire.ParseFromString(status.error_details());
  for (const auto& any : wire.details()) {
    if (absl::EndsWith(any.type_url(), Detail::descriptor()->full_name())) {
      detail.ParseFromString(any.value());
    }
  }
  return detail;
}

inline std::string ReasonOf(const grpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

struct Asked {
  grpc::Status status;
  tenure::v1::DecideResponse response;
};

// With the full view.
Asked Decide(RunningServer& server, const std::string& customer, const std::string& request_id,
             int timeout_ms = 60'000, const std::string& caller = "");

}  // namespace tenure::api

#endif  // TENURE_TESTS_API_ASK_H_
