#include "server/decision/words.h"

namespace tenure::decision {

absl::string_view OutcomeName(journal::Outcome outcome) {
  switch (outcome) {
    case journal::Outcome::kSelected:
      return "SELECTED";
    case journal::Outcome::kLost:
      return "LOST";
    case journal::Outcome::kFiltered:
      return "FILTERED";
    case journal::Outcome::kHeldOut:
      return "HELD_OUT";
    case journal::Outcome::kDeferred:
      return "DEFERRED";
    case journal::Outcome::kPaced:
      return "PACED";
    case journal::Outcome::kError:
      return "ERROR";
  }
  return "UNKNOWN";
}

absl::string_view GateName(journal::Gate gate) {
  switch (gate) {
    case journal::Gate::kNone:
      return "";
    case journal::Gate::kGlobalHoldout:
      return "global holdout";
    case journal::Gate::kSchedule:
      return "schedule";
    case journal::Gate::kConsent:
      return "consent";
    case journal::Gate::kReentry:
      return "re-entry";
    case journal::Gate::kStage:
      return "stage";
    case journal::Gate::kEligibility:
      return "eligibility";
    case journal::Gate::kQuietHours:
      return "quiet hours";
    case journal::Gate::kPolicy:
      return "policy";
    case journal::Gate::kScore:
      return "score";
    case journal::Gate::kExclusivity:
      return "exclusivity";
    case journal::Gate::kCap:
      return "cap";
    case journal::Gate::kBudget:
      return "budget";
  }
  return "unknown";
}

}  // namespace tenure::decision
