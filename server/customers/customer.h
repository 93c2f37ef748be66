// One customer's state, as folded from the journal: the readable copy that the population hands
// out. What it keeps inside is packed (state.h).
#ifndef TENURE_SERVER_CUSTOMERS_CUSTOMER_H_
#define TENURE_SERVER_CUSTOMERS_CUSTOMER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/journal/records.h"

namespace tenure::customers {

struct Purchase {
  int64_t at_us;
  int64_t revenue_micros;
  int64_t margin_micros;  // meaningful with margin_known
  bool margin_known;
  std::string category;  // empty: none
};

struct Refund {
  int64_t at_us;
  int64_t revenue_micros;
  int64_t margin_micros;  // meaningful with margin_known
  bool margin_known;
};

// Opens, clicks and visits of one UTC day: their instants are not kept.
struct EngagementDay {
  int32_t day;
  int32_t count;
};

// A decision that reached, or may reach, the customer. Names are kept as they stood when it was
// taken, so that a later rule set counts them by the same words.
struct Contact {
  int64_t at_us = 0;
  uint64_t decision = 0;  // sequence of the decision
  std::string campaign;
  std::string channel;
  std::string stage;
  std::vector<std::string> tags;
  bool counts = true;      // towards caps
  bool confirmed = false;  // pending until committed; both count
  float spontaneous = 1;   // chance that a purchase in its window would have come without it
};

struct Consent {
  std::string channel;
  std::string purpose;
  journal::ConsentState state;
  int64_t at_us;
};

// Where the customer stands on one track.
struct Standing {
  std::string track;
  std::string stage_id;  // empty: none yet
  std::string previous_id;
  int64_t entered_us = 0;
  std::vector<std::pair<std::string, int64_t>> left;  // stage id, when last left
};

struct Attribute {
  std::string name;
  journal::AttributeValue value;
  int64_t at_us;  // since when
};

struct Customer {
  std::string id;
  int64_t first_seen_us = 0;               // the earliest event's time; 0 before any
  uint64_t last_seq = 0;                   // of the journal: the chain of this customer's entries
  std::vector<Purchase> purchases;         // by time
  std::vector<Refund> refunds;             // by time
  std::vector<EngagementDay> engagements;  // by day; 90 days up to the latest
  std::vector<Standing> standings;         // the lifecycle first; empty before the first evaluation
  std::vector<Consent> consents;      // one per channel and purpose, the latest; by their names
  std::vector<Contact> contacts;      // by time; 400 days, and the last of each campaign
  std::vector<Attribute> attributes;  // by name
};

// What the contact gates need of one customer: read once, tested by decision/ when it evaluates and
// again, on present state, when the sequencer walks.
struct Profile {
  uint32_t customer = 0;
  std::string id;
  std::string stage;  // of the lifecycle; empty: none yet
  int64_t stage_entered_us = 0;
  std::vector<Consent> consents;
  std::vector<Contact> contacts;
};

// The profile of a customer. Thread-safe.
Profile ProfileOf(uint32_t number, const Customer& customer);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_CUSTOMER_H_
