#include "server/api/call.h"

#include <grpc/support/time.h>

#include <algorithm>

#include "server/base/clock.h"

namespace tenure::api {

// Lives until gRPC is done with the call; keeps the call alive that long.
class OpenCall::Reactor final : public grpc::ServerUnaryReactor {
 public:
  void Own(std::shared_ptr<OpenCall> call) { call_ = std::move(call); }
  void OnCancel() override { call_->over_.store(true); }
  void OnDone() override { delete this; }

 private:
  std::shared_ptr<OpenCall> call_;
};

OpenCall::OpenCall(Gatekeeper* gatekeeper, grpc::CallbackServerContext* context, const char* method,
                   Length length)
    : gatekeeper_(gatekeeper),
      context_(context),
      method_(method),
      started_us_(MonotonicUs()),
      reactor_raw_(new Reactor),
      reactor_(reactor_raw_) {
  const int64_t cap_ms =
      length == Length::kLong ? kLongDeadlineMs : gatekeeper->limits().deadline_ms;
  int64_t left_us = cap_ms * 1'000;
  const gpr_timespec deadline = context->raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) != 0) {
    const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
    left_us = std::min(left_us, left.tv_sec * 1'000'000 + left.tv_nsec / 1'000);
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
  over_.store(true);
  gatekeeper_->Leave(this, entered_, status);
  reactor_->Finish(ToGrpc(status));
}

}  // namespace tenure::api
