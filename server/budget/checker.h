// Was any budget ever over its limit? A second opinion on the ledger, which shares no code with
// it: it is told plain movements, one by one, and looks at every prefix of them.
#ifndef TENURE_SERVER_BUDGET_CHECKER_H_
#define TENURE_SERVER_BUDGET_CHECKER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace tenure::budget {

// One line of the money's history. `node` and `parent` are any names that tell the envelopes of
// all periods apart, such as "lifecycle@2026-11/high_value".
struct Movement {
  enum class Kind { kOpen, kLimit, kCustomerLimit, kHold, kCommit, kRelease, kExpire, kRefund };
  Kind kind = Kind::kHold;
  std::string node;       // kOpen, kLimit, kHold; kCustomerLimit: a root
  std::string parent;     // kOpen; empty for a root
  uint64_t hold_id = 0;   // all but kOpen and kLimit
  int64_t micros = 0;     // limit, amount held, committed or refunded; not for release and expiry
  uint64_t customer = 0;  // kHold; 0: nobody's
};

// Not thread-safe. Slow and plain on purpose.
class Checker {
 public:
  // FAILED_PRECONDITION saying which movement broke which rule: a hold that some envelope above
  // it had no room for, more committed than held, money moved that was not there.
  absl::Status Next(const Movement& movement);
  int64_t movements() const { return count_; }

 private:
  struct Envelope {
    std::string parent;
    int64_t limit;
  };
  struct Entry {
    std::string node;
    int64_t held;
    int64_t committed;
    bool open;  // still held
    uint64_t customer;
  };
  absl::Status Broken(const Movement& movement, const std::string& rule) const;
  absl::Status NextHold(const Movement& movement);
  absl::Status Settle(const Movement& movement);
  void Add(std::string node, uint64_t customer, int64_t micros);
  std::string RootOf(std::string node) const;

  std::map<std::string, Envelope> envelopes_;
  std::map<uint64_t, Entry> entries_;
  std::map<std::string, int64_t> used_;  // held + committed per envelope, children included
  std::map<std::string, int64_t> customer_limits_;                        // by root
  std::map<std::pair<std::string, uint64_t>, int64_t> used_by_customer_;  // by root and customer
  int64_t count_ = 0;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CHECKER_H_
