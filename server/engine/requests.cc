#include "server/engine/requests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::engine {
namespace {

template <typename Record>
AnsweredRequest Of(Method method, Record record) {
  return {
      method,
      {std::move(record.caller), std::move(record.request_id), std::move(record.request_digest)}};
}

template <typename Record>
absl::StatusOr<AnsweredRequest> Decoded(Method method, const journal::Entry& entry) {
  TENURE_ASSIGN_OR_RETURN(Record record, journal::Decode<Record>(entry.payload));
  return Of(method, std::move(record));
}

}  // namespace

absl::StatusOr<AnsweredRequest> RequestOf(const journal::Entry& entry) {
  switch (entry.kind) {
    case journal::Kind::kDecision:
      return Decoded<journal::DecisionRecord>(Method::kDecide, entry);
    case journal::Kind::kHold: {
      TENURE_ASSIGN_OR_RETURN(auto record, journal::Decode<journal::HoldRecord>(entry.payload));
      const Method method = record.change == journal::HoldChange::kCommitted ? Method::kCommitHold
                                                                             : Method::kReleaseHold;
      return Of(method, std::move(record));
    }
    case journal::Kind::kRuleSet:
      return Decoded<journal::RuleSetRecord>(Method::kRules, entry);
    case journal::Kind::kModel:
      return Decoded<journal::ModelRecord>(Method::kModel, entry);
    case journal::Kind::kPlan:
      return Decoded<journal::PlanRecord>(Method::kPlan, entry);
    default:
      return absl::InternalError(absl::StrCat("entry ", entry.seq, " answers no request"));
  }
}

}  // namespace tenure::engine
