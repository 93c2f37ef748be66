#include "server/api/errors.h"

#include <grpcpp/support/status.h>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_model.pb.h"
#include "server/engine/engine.h"

namespace tenure::api {
namespace {

constexpr absl::string_view kTypes = "type.googleapis.com/";
constexpr absl::string_view kErrorInfo = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr absl::string_view kBadRequest = "type.googleapis.com/google.rpc.BadRequest";
constexpr absl::string_view kQuotaFailure = "type.googleapis.com/google.rpc.QuotaFailure";
constexpr absl::string_view kRetryInfo = "type.googleapis.com/google.rpc.RetryInfo";

absl::string_view ReasonOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return "INVALID_REQUEST";
    case absl::StatusCode::kAlreadyExists:
      return "REQUEST_ID_REUSED";
    case absl::StatusCode::kResourceExhausted:
      return "QUEUE_FULL";
    case absl::StatusCode::kUnavailable:
      return "JOURNAL_UNAVAILABLE";
    default:
      return "";  // the code's own name
  }
}

template <typename Message>
void Attach(absl::Status* status, absl::string_view type, const Message& message) {
  status->SetPayload(type, absl::Cord(message.SerializeAsString()));
}

}  // namespace

absl::Status WithReason(absl::Status status, absl::string_view reason) {
  if (status.ok()) return status;
  google::rpc::ErrorInfo info;
  info.set_reason(reason.data(), reason.size());
  info.set_domain(kErrorDomain.data(), kErrorDomain.size());
  Attach(&status, kErrorInfo, info);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  if (const auto payload = status.GetPayload(kErrorInfo);
      payload && info.ParseFromString(std::string(*payload))) {
    return info.reason();
  }
  const absl::string_view reason = ReasonOfCode(status.code());
  return reason.empty() ? absl::StatusCodeToString(status.code()) : std::string(reason);
}

absl::Status WithRetryAfter(absl::Status status, int64_t milliseconds) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(milliseconds / 1'000);
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(milliseconds % 1'000 * 1'000'000));
  Attach(&status, kRetryInfo, info);
  return status;
}

absl::Status OverLimit(absl::string_view subject, absl::string_view description) {
  google::rpc::QuotaFailure failure;
  auto* violation = failure.add_violations();
  violation->set_subject(subject.data(), subject.size());
  violation->set_description(description.data(), description.size());
  absl::Status status = absl::ResourceExhaustedError(absl::StrCat(subject, ": ", description));
  Attach(&status, kQuotaFailure, failure);
  return WithReason(std::move(status), "LIMIT_EXCEEDED");
}

absl::Status FromEngine(absl::Status status, const Reasons& reasons) {
  if (status.GetPayload(kErrorInfo)) return status;
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return WithReason(std::move(status), reasons.not_found);
    case absl::StatusCode::kFailedPrecondition:
      return WithReason(std::move(status), reasons.failed_precondition);
    case absl::StatusCode::kResourceExhausted:
      if (!reasons.budget_exhausted.empty() && status.ErasePayload(engine::kBudgetExhausted)) {
        return WithReason(std::move(status), reasons.budget_exhausted);
      }
      return WithRetryAfter(WithReason(std::move(status), "QUEUE_FULL"), 100);
    case absl::StatusCode::kUnavailable:
      return WithRetryAfter(WithReason(std::move(status), "JOURNAL_UNAVAILABLE"), 1'000);
    default:
      return status;
  }
}

void Violations::Add(absl::string_view field, absl::string_view description) {
  found_.emplace_back(field, description);
}

absl::Status Violations::ToStatus() const {
  if (found_.empty()) return absl::OkStatus();
  google::rpc::BadRequest details;
  for (const auto& [field, description] : found_) {
    auto* violation = details.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  std::string message = absl::StrCat(found_[0].first, ": ", found_[0].second);
  if (found_.size() > 1) absl::StrAppend(&message, " (and ", found_.size() - 1, " more)");
  absl::Status status = absl::InvalidArgumentError(message);
  Attach(&status, kBadRequest, details);
  return status;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  const absl::Status full = WithReason(status, ReasonOf(status));
  full.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    if (type.substr(0, kTypes.size()) != kTypes) return;
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), wire.message(),
                      wire.SerializeAsString());
}

}  // namespace tenure::api
