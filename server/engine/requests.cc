#include "server/engine/requests.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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
      const Method method = Fold::MethodOf(record);
      return Of(method, std::move(record));
    }
    case journal::Kind::kRedemption:
      return Decoded<journal::RedemptionRecord>(Method::kRedeemCoupon, entry);
    case journal::Kind::kRuleSet:
      return Decoded<journal::RuleSetRecord>(Method::kRules, entry);
    case journal::Kind::kModel: {
      TENURE_ASSIGN_OR_RETURN(auto record, journal::Decode<journal::ModelRecord>(entry.payload));
      const Method method = Fold::MethodOf(record);
      return Of(method, std::move(record));
    }
    case journal::Kind::kPlan:
      return Decoded<journal::PlanRecord>(Method::kPlan, entry);
    default:
      return absl::InternalError(absl::StrCat("entry ", entry.seq, " answers no request"));
  }
}

std::string DifferingField(absl::string_view recorded, absl::string_view asked) {
  const std::vector<absl::string_view> before = absl::StrSplit(recorded, ',', absl::SkipEmpty());
  const std::vector<absl::string_view> now = absl::StrSplit(asked, ',', absl::SkipEmpty());
  const auto lacking = [](const std::vector<absl::string_view>& fields,
                          const std::vector<absl::string_view>& others) {
    for (const absl::string_view field : fields) {
      if (std::find(others.begin(), others.end(), field) == others.end()) {
        return std::string(field.substr(0, field.find('=')));
      }
    }
    return std::string();
  };
  std::string field = lacking(now, before);
  if (field.empty()) field = lacking(before, now);
  return field.empty() ? "body" : field;
}

}  // namespace tenure::engine
