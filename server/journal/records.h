// What the entries carry, as plain values. Encoding is a private protobuf (records.proto), seen by
// nobody outside this folder; it only grows, so that every journal ever written can be read.
#ifndef TENURE_SERVER_JOURNAL_RECORDS_H_
#define TENURE_SERVER_JOURNAL_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/journal/candidate.h"

namespace tenure::journal {

enum class EventType : uint8_t {
  kPurchase = 1,
  kRefund = 2,      // amount and margin positive; they are taken off
  kEngagement = 3,  // open, click, visit
  kConsent = 4,
  kAttributes = 5,  // sets the listed attributes, leaves the others
};
enum class ConsentState : uint8_t { kGranted = 1, kDenied = 2, kRevoked = 3 };

using AttributeValue = std::variant<bool, int64_t, double, std::string>;

struct EventRecord {
  std::string source;  // with event_id the key that makes ingest idempotent
  std::string event_id;
  std::string customer_id;
  EventType type = EventType::kPurchase;
  int64_t happened_us = 0;    // may lie before the entry's time: late events
  int64_t amount_micros = 0;  // revenue; purchases and refunds
  std::optional<int64_t> margin_micros;
  std::string category;
  std::string channel;  // engagements and consent
  std::string purpose;  // consent: "marketing", "profiling", "service"
  ConsentState consent = ConsentState::kGranted;
  std::vector<std::pair<std::string, AttributeValue>> attributes;
};

struct SelectionRecord {
  int32_t candidate = 0;  // index into DecisionRecord::candidates
  uint64_t hold_id = 0;   // 0: nothing to hold
  int64_t held_micros = 0;
  int64_t expires_us = 0;
  std::string budget_node;   // path of the leaf, "lifecycle/loyal/upsell"; empty: none
  int64_t asked_micros = 0;  // where less is held than was asked for: how much; 0: all of it
  // Held at redemption: the most that redeeming may cost, and until when (exclusive). The coupon's
  // id is the hold's. 0: there is no coupon.
  int64_t coupon_micros = 0;
  int64_t coupon_expires_us = 0;
  double lot_probability = 0;  // given by lot: how likely that was; 0: chosen
};

struct DecisionRecord {
  std::string caller;
  std::string request_id;
  std::string request_digest;  // of the canonical request, to tell a repeat from a clash
  std::string customer_id;
  uint64_t seed = 0;
  int64_t asked_us = 0;  // features were valued at this instant
  std::string rule_set;  // hash
  std::string plan;      // id; empty: none active
  std::string model;     // hash; empty: none active
  std::string stage, tier;
  std::vector<std::string> segments;
  std::string features;                     // the feature row, encoded by decision/
  double slot_price = 0;                    // of a contact with the stage; in every score
  int64_t quiet_until_us = 0;               // end of the quiet hours, where they stopped a campaign
  std::string stops;                        // by campaign of the rule set: Stop::Byte
  std::vector<CandidateRecord> candidates;  // of campaigns not stopped: by campaign, then offer
  std::vector<std::string> texts;           // what candidates' `detail` counts, each once
  std::vector<SelectionRecord> selections;  // by placement
  std::vector<SelectionRecord> ghosts;      // held out: what would have been selected
};

enum class HoldChange : uint8_t { kCommitted = 1, kReleased = 2, kExpired = 3, kRefunded = 4 };
struct HoldRecord {
  uint64_t hold_id = 0;
  HoldChange change = HoldChange::kCommitted;
  int64_t actual_micros = 0;                       // kCommitted; kRefunded: what comes back
  std::string caller, request_id, request_digest;  // empty for kExpired
  int64_t refunded_micros = 0;                     // kRefunded: in all, this time included
};

// A coupon is redeemed: money is held for it. The hold's id is the entry's with placement 0.
struct RedemptionRecord {
  uint64_t coupon_id = 0;
  int64_t held_micros = 0;
  int64_t expires_us = 0;
  std::string budget_node;
  std::string caller, request_id, request_digest;
};

struct RuleSetRecord {
  std::string hash;
  std::vector<std::pair<std::string, std::string>> sources;  // file, text
  std::string caller, request_id, request_digest;
};

// Quantiles over the population when the model was activated; by them tiers and RFM scores are set.
struct CutPoints {
  double clv_high = 0, clv_medium = 0;  // at or above: high, medium
  // Upper ends of quintiles 1 to 4.
  std::vector<double> recency_days, frequency, monetary;
};

// A version of the value model, or that an earlier one is in force from here on: then it is that
// version's record once more, so that one entry says all there is to know.
struct ModelRecord {
  std::string hash;
  std::string model_json;   // clv::ValueModel::ToJson
  std::string report_json;  // for people
  CutPoints cut_points;
  std::string rule_set;       // hash of the rules it was fitted by; empty in the oldest records
  int64_t as_of_us = 0;       // purchases up to then were fitted; 0 in the oldest records
  std::string reason;         // why it was recorded or put in force, for a person; may be empty
  bool candidate = false;     // recorded, but not put in force
  uint64_t version_seq = 0;   // the entry of the version that is put in force; 0: this is one
  uint64_t previous_seq = 0;  // the model's entry before this one; 0: none, or an oldest record
  std::string caller, request_id, request_digest;
};

// A node of a budget's tree with its share of the period and its price.
struct PlanNodeRecord {
  std::string path;     // "lifecycle", "lifecycle/loyal", "lifecycle/loyal/upsell"
  int32_t parent = -1;  // index into PlanRecord::nodes
  int64_t limit_micros = 0;
  double price = 0;  // value per unit of charge; this node's own, prices add along the path
  int64_t planned_spend_micros = 0;
  double planned_value = 0;
  int64_t customers = 0;  // who chose an offer below this node
};

// How many of those whom a plan was made for were in a segment, stage and tier; empty: in none.
struct PlanShareRecord {
  std::string segment, stage, tier;
  int64_t customers = 0;
};

// A plan that is in force from its entry on.
struct PlanRecord {
  std::string id;  // carries its entry's place; empty before it is recorded
  std::string budget;
  std::string rule_set, model;
  int64_t start_us = 0, end_us = 0;  // the period
  std::vector<PlanNodeRecord> nodes;
  // Frozen budget segment by customer number, index into the budget's segments; 255: unplanned.
  std::string segment_of;                                   // one byte a customer, customer 1 first
  std::vector<std::pair<std::string, double>> slot_prices;  // by stage
  double achieved = 0, upper_bound = 0, gap = 0;
  std::string report_json;                  // for people: what was assumed, unspent and why
  std::vector<PlanShareRecord> population;  // those with customers; empty in the oldest plans
  bool stopped = false;                     // by its deadline: the best there was until then
  int64_t unassigned_micros = 0;            // of the limit: what no envelope below the root got
  int64_t over_micros = 0;                  // by so much more than the limit was used already
  // What the rules declared for newcomers and exploration; the nodes say what they got.
  int64_t declared_unplanned_micros = 0, declared_exploration_micros = 0;
  // The entries of the plan before this one, of whatever budget and of the same; 0: none.
  uint64_t previous_seq = 0, previous_of_budget_seq = 0;
  std::string caller, request_id, request_digest;
};

// Time has passed. A tick looks for whose stage may have changed by it, and evaluates the first of
// them; others that wait are evaluated by ticks that continue it. Without bytes, as once written: a
// tick that begins and evaluates all of them.
struct TickRecord {
  bool continues = false;
  uint32_t at_most = 0;  // customers; 0: all who wait
};

struct BudgetPeriodRecord {
  std::string budget;
  int64_t start_us = 0, end_us = 0;
  // Tree of limits; parents stand before children.
  struct Node {
    std::string path;
    int32_t parent = -1;
    int64_t limit_micros = 0;
  };
  std::vector<Node> nodes;
  int64_t carried_micros = 0;  // of the root's limit: what the period before had left
  std::optional<int64_t> customer_limit_micros;  // most for one customer; none: not counted
};

// Why a paced budget's prices were, or were not, corrected at a step.
enum class PacingState : uint8_t {
  kBegins = 1,   // a period, or a plan, is new: prices as planned
  kFollows = 2,  // corrected
  kQuiet = 3,    // nobody came since the last step: nothing can be learned from what was not spent
  kGap = 4,      // time has passed unseen, as while the server was off: kept
  kStale = 5,    // nobody comes although many are expected: frozen, and an alarm
};

// The correction of a paced budget's prices, in force from this entry on: what was measured, and
// what follows from it.
struct PacingRecord {
  std::string budget;
  PacingState state = PacingState::kBegins;
  // Where nobody came since: how many were expected to.
  double missed_arrivals = 0;
  // One of the budget's segments.
  struct Envelope {
    std::string path;  // "lifecycle/loyal"
    int64_t limit_micros = 0;
    int64_t spent_micros = 0;   // held and committed in the period so far
    double target_micros = 0;   // that should have been, by the whole period's curve
    double carried_micros = 0;  // target less spend of quiet steps, for the next that is not
    double pressure = 0;        // of the pacer: logarithm of price factor and throttle
    double factor = 1;          // of the planned price
    double pass_share = 1;      // of customers whom an offer can still reach
  };
  std::vector<Envelope> envelopes;
};

struct OperationRecord {
  std::string id, kind;  // "fit", "plan", "import"
  bool ended = false;
  std::string error;  // empty when it succeeded
};

// Encode never fails. Decode: DATA_LOSS naming the record's kind when the bytes are not one.
std::string Encode(const EventRecord& record);
std::string Encode(const DecisionRecord& record);
std::string Encode(const HoldRecord& record);
std::string Encode(const RedemptionRecord& record);
std::string Encode(const RuleSetRecord& record);
std::string Encode(const ModelRecord& record);
std::string Encode(const PlanRecord& record);
std::string Encode(const TickRecord& record);
std::string Encode(const BudgetPeriodRecord& record);
std::string Encode(const PacingRecord& record);
std::string Encode(const OperationRecord& record);
template <typename Record>
absl::StatusOr<Record> Decode(absl::string_view payload);

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_RECORDS_H_
