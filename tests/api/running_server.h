// A whole server in this process: real engine, real plugin, a real socket on a free port.
#ifndef TENURE_TESTS_API_RUNNING_SERVER_H_
#define TENURE_TESTS_API_RUNNING_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "server/api/server.h"
#include "server/main/house.h"

namespace grpc {
class Channel;
}

namespace tenure::api {

class RunningServer {
 public:
  struct Options {
    int stuck_ms = 0;         // how long the policy sleeps
    std::string budgets{};    // of the rule set, as written there; one is `all`
    std::string campaigns{};  // more of them, as written in the rule set
    std::string rules{};      // the whole rule set instead
    double rate = 1;          // how fast the server's time runs
    AccessOptions access;
    bool serve = true;  // false: still recovering
  };
  explicit RunningServer(Options options);
  ~RunningServer();

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Server& server() { return *server_; }
  engine::Engine& engine() { return *house_->backend().engine; }
  // One purchase and the consent for "email".
  void AddCustomer(const std::string& id) { AddCustomers({id}); }
  void AddCustomers(const std::vector<std::string>& ids);
  // 1 is SERVING, 2 NOT_SERVING, 0 no answer in time, as grpc.health.v1 says of a service.
  int Health(const std::string& service, int timeout_ms = 10'000) const;

 private:
  const std::string folder_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<daemon::House> house_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace tenure::api

#endif  // TENURE_TESTS_API_RUNNING_SERVER_H_
