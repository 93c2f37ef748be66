// One unary call from arrival to its one answer. Internal to api/: includes grpcpp.
#ifndef TENURE_SERVER_API_CALL_H_
#define TENURE_SERVER_API_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/api/backend.h"
#include "server/api/errors.h"
#include "server/api/gatekeeper.h"

namespace tenure::api {

// The part that does not depend on the method's types. Whoever claims the call first answers it,
// once: its own code, or the watch when the deadline has passed. Shared by all who may answer, so
// that a late answer finds it answered rather than gone. Thread-safe.
class OpenCall : public std::enable_shared_from_this<OpenCall> {
 public:
  OpenCall(Gatekeeper* gatekeeper, grpc::CallbackServerContext* context, const char* method,
           Length length);
  virtual ~OpenCall() = default;
  OpenCall(const OpenCall&) = delete;
  OpenCall& operator=(const OpenCall&) = delete;

  // Admits the call: OK, or why not.
  absl::Status Admit();

  const char* method() const { return method_; }
  const std::string& caller() const { return caller_; }
  int64_t started_us() const { return started_us_; }    // MonotonicUs
  int64_t deadline_us() const { return deadline_us_; }  // MonotonicUs, capped
  // True once nobody waits for this code's answer: the client has gone, or the call was answered
  // (deadline, drain). A fit or a plan then ends; what is enqueued is still done, and a retry gets
  // the recorded answer.
  const std::atomic<bool>& over() const { return over_; }
  Gatekeeper& gatekeeper() const { return *gatekeeper_; }
  const Backend& backend() const { return *backend_; }
  const Limits& limits() const { return gatekeeper_->limits(); }

  // Answers with an error, unless answered already.
  void Fail(const absl::Status& status);

  // Runs `task` on a worker; answers RESOURCE_EXHAUSTED when too much waits there already.
  template <typename Task>
  void Work(Task task) {
    RunOn(&gatekeeper_->workers(), std::move(task));
  }
  // The same for what may take minutes, beside all that does not.
  template <typename Task>
  void WorkLong(Task task) {
    RunOn(&gatekeeper_->long_workers(), std::move(task));
  }

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

 protected:
  bool Claim() { return !answered_.exchange(true); }
  void Finish(const absl::Status& status);

 private:
  friend class Gatekeeper;
  class Reactor;

  template <typename Task>
  void RunOn(WorkerPool* workers, Task task) {
    std::shared_ptr<OpenCall> self = shared_from_this();
    const absl::Status taken = workers->Run([self, task = std::move(task)]() mutable {
      if (!self->answered_.load()) task();
    });
    if (!taken.ok()) Fail(taken);
  }

  Gatekeeper* const gatekeeper_;
  grpc::CallbackServerContext* const context_;  // valid until the answer
  const char* const method_;
  const int64_t started_us_;
  int64_t deadline_us_;
  bool expired_ = false;  // on arrival
  std::string caller_;
  const Backend* backend_ = nullptr;
  Reactor* reactor_raw_;
  grpc::ServerUnaryReactor* reactor_;
  bool entered_ = false;
  std::atomic<bool> answered_{false};
  std::atomic<bool> over_{false};
  OpenCall* previous_ = nullptr;  // the gatekeeper's list of open calls, under its mutex
  OpenCall* next_ = nullptr;
};

template <typename Response>
class Call final : public OpenCall {
 public:
  Call(Gatekeeper* gatekeeper, grpc::CallbackServerContext* context, const char* method,
       Length length, Response* response)
      : OpenCall(gatekeeper, context, method, length), response_(response) {}

  // Answers by `fill(response)`, unless answered already.
  template <typename Fill>
  void Reply(Fill fill) {
    if (!Claim()) return;
    fill(response_);
    Finish(absl::OkStatus());
  }

 private:
  Response* const response_;  // gRPC's, valid until the answer
};

// The wrapper around every unary method: `handler(call)` runs once the call is admitted. It must
// not wait, and nothing that it leaves behind may refer to the request.
template <typename Response, typename Handler>
grpc::ServerUnaryReactor* Serve(Gatekeeper* gatekeeper, grpc::CallbackServerContext* context,
                                const char* method, Response* response, Handler handler,
                                Length length = Length::kShort) {
  auto call = std::make_shared<Call<Response>>(gatekeeper, context, method, length, response);
  grpc::ServerUnaryReactor* const reactor = call->reactor();
  if (absl::Status admitted = call->Admit(); !admitted.ok()) {
    call->Fail(admitted);
  } else {
    handler(std::move(call));
  }
  return reactor;
}

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_CALL_H_
