// One entry of the journal: what happened, in the order the sequencer gave it. Everything in memory
// is a fold of these.
#ifndef TENURE_SERVER_JOURNAL_ENTRY_H_
#define TENURE_SERVER_JOURNAL_ENTRY_H_

#include <cstdint>
#include <string>

namespace tenure::journal {

// Written down: numbers never change and are never used again.
enum class Kind : uint8_t {
  kEvent = 1,         // something a customer did, EventRecord
  kTick = 2,          // time passed: stages and expiries move; no payload
  kDecision = 3,      // DecisionRecord
  kHold = 4,          // HoldRecord: a hold is committed, released, expired or refunded
  kRuleSet = 5,       // RuleSetRecord: published, in force from here on
  kModel = 6,         // ModelRecord: a version is recorded, or put in force
  kPlan = 7,          // PlanRecord: activated, with prices and frozen segments
  kBudgetPeriod = 8,  // BudgetPeriodRecord: a period opens, or its limits change
  kOperation = 9,     // OperationRecord: a long operation starts or ends
  kRedemption = 10,   // RedemptionRecord: money is held for a coupon
  kPacing = 12,       // PacingRecord: the prices of a paced budget are corrected
};

struct Entry {
  uint64_t seq = 0;        // 1, 2, 3 … over the whole journal
  uint32_t shard = 0;      // one server has shard 0 only
  uint64_t shard_seq = 0;  // 1, 2, 3 … within the shard
  uint64_t prev_seq = 0;   // the same customer's entry before this one; 0: none
  Kind kind = Kind::kTick;
  uint32_t customer = 0;      // dense number, 1, 2, 3 … by first appearance; 0: no customer
  int64_t at_us = 0;          // the sequencer's time, never before the entry ahead
  int64_t amount_micros = 0;  // of the event or the hold; 0 where there is none
  std::string payload;        // the record, encoded (records.h)
};

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_ENTRY_H_
