// How errors leave the server: google.rpc.Status with ErrorInfo and, where they help, BadRequest,
// QuotaFailure and RetryInfo (AIP-193). Inside, they are absl::Status whose payloads are those very
// details. docs/errors.md lists the reasons.
#ifndef TENURE_SERVER_API_ERRORS_H_
#define TENURE_SERVER_API_ERRORS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace grpc {
class Status;
}

namespace tenure::api {

// The domain of every ErrorInfo.
inline constexpr absl::string_view kErrorDomain = "tenure";

// The same status with a stable reason, such as "CUSTOMER_NOT_FOUND". OK stays OK.
absl::Status WithReason(absl::Status status, absl::string_view reason);
// The reason it carries, or the one that stands for its code alone.
std::string ReasonOf(const absl::Status& status);

// The same status, saying when a retry may help.
absl::Status WithRetryAfter(absl::Status status, int64_t milliseconds);

// RESOURCE_EXHAUSTED with QuotaFailure: `subject` names the limit, "BatchDecide.customers".
absl::Status OverLimit(absl::string_view subject, absl::string_view description);

// The engine's errors get the reasons of the method: what was not found, which condition failed.
struct Reasons {
  absl::string_view not_found = "NOT_FOUND";
  absl::string_view failed_precondition = "FAILED_PRECONDITION";
  // Where set: RESOURCE_EXHAUSTED is a budget's, not the queue's, when it says so.
  absl::string_view budget_exhausted{};
};
absl::Status FromEngine(absl::Status status, const Reasons& reasons);

// Collects everything wrong with a request, so that one answer names it all. Not thread-safe.
class Violations {
 public:
  // `field` is a path: "events[3].purchase.revenue_micros".
  void Add(absl::string_view field, absl::string_view description);
  bool empty() const { return found_.empty(); }
  // INVALID_ARGUMENT with BadRequest; OK when there are none.
  absl::Status ToStatus() const;

 private:
  std::vector<std::pair<std::string, std::string>> found_;
};

// Thread-safe.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_ERRORS_H_
