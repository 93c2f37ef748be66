#include "server/api/call.h"

#include <algorithm>
#include <chrono>

#include "server/base/clock.h"

namespace tenure::api {

// Lives until gRPC is done with the call; keeps the call alive that long.
class OpenCall::Reactor final : public grpc::ServerUnaryReactor {
 public:
  void Own(std::shared_ptr<OpenCall> call) { call_ = std::move(call); }
  void OnCancel() override { call_->cancelled_.store(true); }
  void OnDone() override { delete this; }

 private:
  std::shared_ptr<OpenCall> call_;
};

OpenCall::OpenCall(Gatekeeper* gatekeeper, grpc::CallbackServerContext* context,
                   const char* method, Length length)
    : gatekeeper_(gatekeeper),
      context_(context),
      method_(method),
      started_us_(MonotonicUs()),
      reactor_raw_(new Reactor),
      reactor_(reactor_raw_) {
  const int64_t cap_ms =
      length == Length::kLong ? kLongDeadlineMs : gatekeeper->limits().deadline_ms;
  int64_t left_us = cap_ms * 1'000;
  const auto deadline = context->deadline();
  if (deadline != std::chrono::system_clock::time_point::max()) {
    const int64_t at_us =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline.time_since_epoch()).count();
    left_us = std::min(left_us, at_us - SystemClock().NowUs());
  }
  expired_ = left_us <= 0;
  deadline_us_ = started_us_ + left_us;
}

absl::Status OpenCall::Admit() {
  reactor_raw_->Own(shared_from_this());
  absl::Status status = gatekeeper_->Open();
  if (status.ok()) status = gatekeeper_->Identify(*context_, &caller_);
  if (status.ok() && expired_) {
    status = absl::DeadlineExceededError(
        "the deadline had passed when the call arrived; nothing was done");
  }
  if (status.ok()) status = gatekeeper_->Enter(this);
  if (!status.ok()) return status;
  entered_ = true;
  backend_ = gatekeeper_->backend();
  return status;
}

void OpenCall::Fail(const absl::Status& status) {
  if (Claim()) Finish(status);
}

void OpenCall::Finish(const absl::Status& status) {
  gatekeeper_->Leave(this, entered_, status);
  reactor_->Finish(ToGrpc(status));
}

}  // namespace tenure::api
