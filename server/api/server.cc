#include "server/api/server.h"

#include <grpc/support/time.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>

#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/api/gatekeeper.h"
#include "server/api/rule_sets.h"
#include "server/api/services.h"
#include "server/api/value_basis.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/base/status.h"
#include "server/engine/engine.h"

namespace tenure::api {
namespace {

constexpr int64_t kHealthUs = 100'000;
constexpr int64_t kDrainPollUs = 10'000;
constexpr const char* kReads = "tenure.v1.reads";
// Health by service: everybody that changes something is SERVING while changes can be committed.
constexpr const char* kWriters[] = {"",
                                    "tenure.v1.DecisionService",
                                    "tenure.v1.CustomerService",
                                    "tenure.v1.ModelService",
                                    "tenure.v1.RuleService",
                                    "tenure.v1.BudgetService"};
constexpr const char* kReaders[] = {kReads, "tenure.v1.PluginService"};

gpr_timespec After(int64_t milliseconds) {
  return gpr_time_add(gpr_now(GPR_CLOCK_REALTIME),
                      gpr_time_from_millis(milliseconds, GPR_TIMESPAN));
}

std::vector<std::unique_ptr<grpc::Service>> MakeServices(ServiceContext context) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(MakeDecisionService(context));
  services.push_back(MakeCustomerService(context));
  services.push_back(MakeModelService(context));
  services.push_back(MakeRuleService(context));
  services.push_back(MakeBudgetService(context));
  services.push_back(MakePluginService(context));
  return services;
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(const ServerOptions& options)
      : gatekeeper_(options.access, options.workers, options.long_workers),
        services_(MakeServices({&gatekeeper_, &rule_sets_, &value_bases_})) {}

  ~Impl() {
    Drain(0);
    StopHealth();
  }

  absl::Status Listen(const ServerOptions& options) {
    grpc::EnableDefaultHealthCheckService(true);
    static const bool reflection = [] {
      grpc::reflection::InitProtoReflectionServerBuilderPlugin();
      return true;
    }();
    TENURE_CHECK(reflection);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port_);
    builder.SetMaxReceiveMessageSize(static_cast<int>(options.access.limits.message_bytes));
    // Two servers on one port would share its calls; the second one is told instead.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::UnavailableError(
          absl::StrCat("can't listen on ", options.listen,
                       ": another process has the port, or the address is not this machine's; "
                       "choose another `listen`, or port 0 for any free one"));
    }
    SetHealth(false, false);
    return absl::OkStatus();
  }

  void Serve(const Backend& backend) {
    backend_ = backend;
    gatekeeper_.Serve(&backend_);
    FollowHealth();
    health_ = std::thread([this] {
      while (WaitHealth()) FollowHealth();
    });
  }

  void Drain(int64_t grace_ms) {
    {
      MutexLock lock(&mutex_);
      if (drained_) return;
      drained_ = true;
    }
    StopHealth();
    gatekeeper_.Drain();
    if (server_ == nullptr) return;
    SetHealth(false, false);
    const int64_t until_us = MonotonicUs() + grace_ms * 1'000;
    while (gatekeeper_.open() > 0 && MonotonicUs() < until_us) {
      MutexLock lock(&mutex_);
      changed_.WaitFor(&mutex_, kDrainPollUs);
    }
    if (const size_t left = gatekeeper_.open(); left > 0) {
      spdlog::warn("{} calls still under way after {} ms are cancelled", left, grace_ms);
    }
    gatekeeper_.Abandon();
    server_->Shutdown(After(100));
    gatekeeper_.long_workers().Stop();
    gatekeeper_.workers().Stop();
    const std::string counts = gatekeeper_.Counts();
    spdlog::info("answered: {}", counts.empty() ? "no calls" : counts);
  }

  int port() const { return port_; }

 private:
  void SetHealth(bool reads, bool writes) {
    auto* const health = server_->GetHealthCheckService();
    for (const char* service : kReaders) health->SetServingStatus(service, reads);
    for (const char* service : kWriters) health->SetServingStatus(service, writes);
  }

  void FollowHealth() {
    const engine::Health now = backend_.engine->health();
    if (now.writes_ok != writes_ok_) {
      if (now.writes_ok) {
        spdlog::info("changes are taken again");
      } else {
        spdlog::error("changes are refused until a write succeeds again: {}", now.why);
      }
    }
    writes_ok_ = now.writes_ok;
    SetHealth(true, now.writes_ok && now.decides);
  }

  // False when it is over.
  bool WaitHealth() {
    MutexLock lock(&mutex_);
    if (!health_over_) changed_.WaitFor(&mutex_, kHealthUs);
    return !health_over_;
  }

  void StopHealth() {
    {
      MutexLock lock(&mutex_);
      health_over_ = true;
    }
    changed_.NotifyAll();
    if (health_.joinable()) health_.join();
  }

  Gatekeeper gatekeeper_;
  RuleSets rule_sets_;
  ValueBases value_bases_;
  const std::vector<std::unique_ptr<grpc::Service>> services_;
  Backend backend_;
  int port_ = 0;
  bool writes_ok_ = true;  // as last seen by FollowHealth
  std::unique_ptr<grpc::Server> server_;
  Mutex mutex_;
  CondVar changed_;
  bool drained_ TENURE_GUARDED_BY(mutex_) = false;
  bool health_over_ TENURE_GUARDED_BY(mutex_) = false;
  std::thread health_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(const ServerOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  TENURE_RETURN_IF_ERROR(impl->Listen(options));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

int Server::port() const { return impl_->port(); }

void Server::Serve(const Backend& backend) { impl_->Serve(backend); }

void Server::Drain(int64_t grace_ms) { impl_->Drain(grace_ms); }

}  // namespace tenure::api
