// The words for outcomes and gates: one list for explanations, errors and displays.
#ifndef TENURE_SERVER_DECISION_WORDS_H_
#define TENURE_SERVER_DECISION_WORDS_H_

#include "absl/strings/string_view.h"
#include "server/journal/records.h"

namespace tenure::decision {

// "SELECTED", "LOST", "FILTERED" …; "UNKNOWN" for a number this version does not know.
absl::string_view OutcomeName(journal::Outcome outcome);
// "consent", "stage", "eligibility" …; empty for kNone.
absl::string_view GateName(journal::Gate gate);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_WORDS_H_
