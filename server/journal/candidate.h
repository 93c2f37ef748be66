// How the campaigns of a decision ended: a byte for each that was stopped before its policy was
// asked, plain numbers for each offer that a policy was asked about.
#ifndef TENURE_SERVER_JOURNAL_CANDIDATE_H_
#define TENURE_SERVER_JOURNAL_CANDIDATE_H_

#include <cstdint>
#include <type_traits>

namespace tenure::journal {

// Why a candidate ended as it did. A closed set; the numbers are written down.
enum class Outcome : uint8_t {
  kSelected = 1,
  kLost = 2,      // another candidate took the place
  kFiltered = 3,  // a gate said no
  kHeldOut = 4,   // would have been selected; recorded as a ghost
  kDeferred = 5,  // quiet hours
  kPaced = 6,
  kError = 7,  // the policy failed
};
// The gates, in the order they are asked.
enum class Gate : uint8_t {
  kNone = 0,
  kGlobalHoldout = 1,
  kSchedule = 2,
  kConsent = 3,
  kStage = 4,
  kReentry = 5,
  kEligibility = 6,
  kQuietHours = 7,
  kPolicy = 8,  // the policy declined, or a column it needs was missing
  kScore = 9,   // net value minus prices is not positive
  kExclusivity = 10,
  kCap = 11,
  kBudget = 12,
};
inline constexpr Gate kLastGate = Gate::kBudget;

// What the eligibility condition met where it was not simply false.
enum class Note : uint8_t { kNone = 0, kMissing = 1, kError = 2 };

// What stopped a campaign before its policy was asked. As a byte: the gate in the low four bits,
// the note in the next two, then whether it is deferred; 0 where nothing stopped it.
struct Stop {
  Gate gate = Gate::kNone;
  Note note = Note::kNone;
  bool deferred = false;

  constexpr uint8_t Byte() const {
    return static_cast<uint8_t>(static_cast<unsigned>(gate) | static_cast<unsigned>(note) << 4 |
                                (deferred ? 1u << 6 : 0u));
  }
  static constexpr Stop Of(uint8_t byte) {
    return {static_cast<Gate>(byte & 15), static_cast<Note>(byte >> 4 & 3), (byte >> 6 & 1) != 0};
  }
  // Whether a Stop can have this byte.
  static constexpr bool IsByte(uint8_t byte) {
    return (byte & 15) <= static_cast<unsigned>(kLastGate) && (byte >> 4 & 3) <= 2 && byte < 128 &&
           (byte == 0 || (byte & 15) != 0);
  }
};

// An offer that a policy was asked about. Copied by the thousand, so it owns nothing.
struct CandidateRecord {
  // What the policy said; currency units where not micros. 0 unless it valued the offer.
  double gross_value = 0, value_stderr = 0, p_baseline = 0, p_treated = 0;
  double expected_cost = 0;
  int64_t liability_micros = 0;
  // The score, and the part of it that is neither the policy's nor the same for the whole decision.
  double score = 0, budget_price = 0;
  uint16_t campaign = 0;  // index into the rule set
  int8_t offer = -1;      // of the campaign; −1: the policy's call failed, for all of them
  uint8_t basis = 0;      // plugin_host::Basis
  Outcome outcome = Outcome::kFiltered;
  Gate gate = Gate::kNone;
  // Of a kLost one, which candidate of the decision took the place; of others, which of the
  // decision's texts says more: the cap, the budget's node, what was missing, the policy's error.
  // Counted from 1; 0: none.
  uint16_t detail = 0;
};
static_assert(std::is_trivially_copyable_v<CandidateRecord> && sizeof(CandidateRecord) == 72);

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_CANDIDATE_H_
