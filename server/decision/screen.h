// The gates that need nobody's opinion: schedule, consent, stage, re-entry, eligibility, quiet
// hours.
#ifndef TENURE_SERVER_DECISION_SCREEN_H_
#define TENURE_SERVER_DECISION_SCREEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/customers/customer.h"
#include "server/expression/program.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// What is the same for every campaign of one call.
struct ScreenInput {
  const rules::RuleSet* rules;
  const Batch* features;
  absl::Span<const customers::Profile> profiles;  // by row
  int64_t at_us;
  std::optional<int64_t> quiet_until_us;
};

// Reused from campaign to campaign.
struct Screened {
  std::vector<uint32_t> passed;  // rows, ascending
  struct Stopped {
    uint32_t row;
    journal::CandidateRecord record;
  };
  std::vector<Stopped> stopped;  // every other row
  std::vector<expression::Truth> truths;
};

// Sorts the rows by whether `campaign` may be proposed to them. Thread-safe.
void Screen(const ScreenInput& input, int32_t campaign, Screened* out);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_SCREEN_H_
