// The connection to tenured that the server commands share. No gRPC header in sight: a call is a
// method's name with its two messages.
#ifndef TENURE_CLIENTS_CLI_CLIENT_H_
#define TENURE_CLIENTS_CLI_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "clients/cli/session.h"

namespace google::protobuf {
class Message;
}
namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace tenure::cli {

inline constexpr int64_t kShortCallMs = 30'000;
inline constexpr int64_t kLongCallMs = 600'000;  // fits and plans

// Not thread-safe.
class Client {
 public:
  explicit Client(const Session& session);
  ~Client();

  // Calls "DecisionService/Decide" and waits. An error's message names the server where it can't be
  // reached, and every wrong field where there are several.
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, int64_t timeout_ms = kShortCallMs);

  // For streams: the channel, and what every call carries.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  static void Prepare(grpc::ClientContext* context);
  absl::Status Error(const grpc::Status& status) const;

 private:
  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// The given id, or one that no other run has: a retry by hand wants the former.
std::string RequestId(const std::string& given);

// Prints a reply as the one JSON document of --json: names as in the proto, 64-bit numbers as
// strings (proto3's JSON mapping), zeros included.
absl::Status PrintMessage(const google::protobuf::Message& message);

// "customers/" + id, unless it stands there already.
std::string WithPrefix(const std::string& collection, const std::string& id);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_CLIENT_H_
