// One customer's state, as folded from the journal.
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
  int32_t category;       // code of the population's symbols; -1: none
  bool margin_known;
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
};

struct Consent {
  std::string channel;
  std::string purpose;
  journal::ConsentState state;
  int64_t at_us;
};

// Where the customer stands on one track.
struct Standing {
  int32_t stage = -1;  // index into the track's stages by id; -1: none yet
  std::string stage_id;
  std::string previous_id;
  int64_t entered_us = 0;
  std::vector<std::pair<std::string, int64_t>> left;  // stage id, when last left
};

struct Customer {
  std::string id;
  int64_t first_seen_us = 0;
  uint64_t last_seq = 0;            // of the journal: the chain of this customer's entries
  std::vector<Purchase> purchases;  // by time
  int64_t refunded_micros = 0;
  int64_t refunded_margin_micros = 0;
  int32_t refunds = 0;
  std::vector<int32_t> engagement_days;  // the last 90 days', by day, repeats kept
  std::vector<Standing> standings;       // by track
  std::vector<Consent> consents;         // one per channel and purpose: the latest
  std::vector<Contact> contacts;         // by time; older than 400 days are dropped
  std::vector<std::pair<std::string, journal::AttributeValue>> attributes;  // by name
};

// What the contact gates need of one customer: read once, tested by decision/ when it evaluates and
// again, on present state, when the sequencer walks.
struct Profile {
  uint32_t customer = 0;
  std::string id;
  std::string stage;
  int64_t stage_entered_us = 0;
  std::vector<Consent> consents;
  std::vector<Contact> contacts;
};

// The profile of a customer. Thread-safe.
Profile ProfileOf(uint32_t number, const Customer& customer);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_CUSTOMER_H_
