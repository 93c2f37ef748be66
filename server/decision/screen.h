// The gates that need nobody's opinion: schedule, consent, stage, re-entry, eligibility, quiet
// hours.
#ifndef TENURE_SERVER_DECISION_SCREEN_H_
#define TENURE_SERVER_DECISION_SCREEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/customers/customer.h"
#include "server/expression/program.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// Whether marketing may use a channel, by row: asked once a channel and call, not once a campaign.
// Reused from call to call.
class ConsentColumns {
 public:
  void Begin(absl::Span<const customers::Profile> profiles);
  // One byte a row, valid until the next Of or Begin.
  absl::Span<const uint8_t> Of(absl::string_view channel);

 private:
  absl::Span<const customers::Profile> profiles_;
  std::vector<std::pair<std::string, std::vector<uint8_t>>> columns_;
  size_t used_ = 0;  // columns of this call
};

// What is the same for every campaign of one call.
struct ScreenInput {
  const rules::RuleSet* rules;
  const Batch* features;
  absl::Span<const customers::Profile> profiles;  // by row
  int64_t at_us;
  std::optional<int64_t> quiet_until_us;
  ConsentColumns* consents;
};

// What the eligibility condition met where it was not simply false.
enum class Note : uint8_t { kNone, kMissing, kError };

// Reused from campaign to campaign.
struct Screened {
  std::vector<uint32_t> passed;  // rows, ascending
  struct Stopped {
    uint32_t row;
    journal::Gate gate;
    Note note;
  };
  std::vector<Stopped> stopped;  // every other row
  std::vector<expression::Truth> truths;
  std::vector<int32_t> stages;
};

// Sorts the rows by whether `campaign` may be proposed to them. Thread-safe, by calls with inputs
// and outputs of their own.
void Screen(const ScreenInput& input, int32_t campaign, Screened* out);

// The record of a campaign that was stopped, into a fresh `record`.
void RecordStop(const ScreenInput& input, int32_t campaign, journal::Gate gate, Note note,
                journal::CandidateRecord* record);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_SCREEN_H_
