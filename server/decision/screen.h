// The gates that need nobody's opinion: schedule, consent, stage, re-entry, eligibility, quiet
// hours.
#ifndef TENURE_SERVER_DECISION_SCREEN_H_
#define TENURE_SERVER_DECISION_SCREEN_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/customers/customer.h"
#include "server/decision/campaign_index.h"
#include "server/expression/program.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

struct ScreenInput {
  const rules::RuleSet* rules;
  const CampaignIndex* index;  // of `rules`
  const Batch* features;
  absl::Span<const customers::Profile> profiles;  // by row
  int64_t at_us;
  std::optional<int64_t> quiet_until_us;
};

// Kept from call to call, so that a call allocates nothing.
struct Screened {
  std::vector<uint8_t> stops;                 // rows × campaigns: journal::Stop::Byte
  std::vector<std::vector<uint32_t>> passed;  // by campaign: the rows it may be proposed to
  std::vector<uint32_t> open;                 // campaigns with such rows, ascending
  std::vector<expression::Truth> truths;
  std::vector<size_t> stages;  // by code of the stage column: CampaignIndex's number
};

// Sorts rows and campaigns by whether one may be proposed to the other. Thread-safe, by calls with
// outputs of their own.
void Screen(const ScreenInput& input, Screened* out);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_SCREEN_H_
