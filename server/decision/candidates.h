// A decision's candidates as they are shown: stopped campaigns and offers in one list.
#ifndef TENURE_SERVER_DECISION_CANDIDATES_H_
#define TENURE_SERVER_DECISION_CANDIDATES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/journal/records.h"

namespace tenure::decision {

// Borrows from its record.
struct CandidateView {
  int32_t campaign = 0;
  int32_t offer = -1;  // −1: the campaign as a whole
  journal::Outcome outcome = journal::Outcome::kFiltered;
  journal::Gate gate = journal::Gate::kNone;
  absl::string_view text;  // which cap, budget node, missing name; an error
  const journal::CandidateRecord* record = nullptr;  // null: no policy was asked

  // Whether the policy's numbers and the score stand in the record.
  bool IsValued() const;
};

// One for each stopped campaign, one for each offer of the others: by campaign, then offer.
std::vector<CandidateView> ViewCandidates(const journal::DecisionRecord& record);

// Which of the record's texts says more of a candidate; empty where none does.
absl::string_view TextOf(const journal::DecisionRecord& record,
                         const journal::CandidateRecord& candidate);
// The number of `text` among the record's, for `detail`; added where it is new.
uint16_t NumberOfText(absl::string_view text, journal::DecisionRecord* record);
// Who took the place of a kLost one; null before the walk.
const journal::CandidateRecord* WinnerOver(const journal::DecisionRecord& record,
                                           const journal::CandidateRecord& candidate);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_CANDIDATES_H_
