// How often offers will reach a customer until the period ends, and what the contacts that caps
// leave are worth (VALUE.md, "Two more prices").
#ifndef TENURE_SERVER_PLANNING_CONTACT_SLOTS_H_
#define TENURE_SERVER_PLANNING_CONTACT_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/base/time.h"
#include "server/planning/arrivals.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// A campaign that a customer would be contacted by.
struct Wanted {
  int32_t campaign = 0;
  double score = 0;  // of its best offer, net of budget prices; > 0
};

// Immutable, thread-safe.
class ContactSlots {
 public:
  // From `from_us` to `to_us`. What customers were contacted with before does not count. NOT_FOUND
  // for an unknown time zone.
  static absl::StatusOr<ContactSlots> Create(const rules::RuleSet& rules, const Arrivals& arrivals,
                                             int64_t from_us, int64_t to_us);

  // How often each of `wanted`, best first, is expected to reach a customer of that stage; an
  // arrival takes the best that re-entry and caps leave. Returns the score of the best use that the
  // caps on all contacts, or on those of the stage, keep from taking place: what one more slot is
  // worth to this customer, 0 where none is short.
  double Expect(size_t stage, absl::Span<const Wanted> wanted, std::vector<double>* uses) const;

 private:
  // Most contacts that a cap lets through.
  struct Pool {
    double contacts = 0;
    int32_t stage = -1;   // counts there only; -1: everywhere
    bool of_all = false;  // of any campaign, tag and channel
  };

  ContactSlots(const rules::RuleSet& rules, const Arrivals& arrivals, double days)
      : rules_(&rules), arrivals_(arrivals), days_(days) {}

  const rules::RuleSet* rules_;
  Arrivals arrivals_;
  double days_;
  std::vector<Pool> pools_;
  std::vector<std::vector<uint32_t>> pools_of_;  // by campaign: those that it counts in and obeys
};

// The price of a slot: the median of what one more would be worth to the customers that have any
// use for it; reorders. 0 for none.
double SlotPrice(std::vector<double>* worth);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_CONTACT_SLOTS_H_
