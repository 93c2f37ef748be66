// What a ledger should do, in the plainest way: it sums everything anew whenever it is asked.
// Random histories are run against it and the ledger; one on which they differ is made as short as
// possible.
#ifndef TENURE_TESTS_BUDGET_LEDGER_MODEL_H_
#define TENURE_TESTS_BUDGET_LEDGER_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/budget/ledger.h"

namespace tenure::budget {

inline constexpr int64_t kPeriodUs = 200;
inline constexpr int kNodes = 6;  // r(a(ax, ay), b(bx))
inline constexpr int kParent[kNodes] = {-1, 0, 0, 1, 1, 2};
extern const char* const kNodeIds[kNodes];

struct Operation {
  enum class Kind : uint8_t {
    kHold,
    kClamp,  // holds what is left where that is less
    kCommit,
    kRelease,
    kRefund,
    kPassTime,
    kRollOver,  // opens the next period with what this one has left
    kLimit,
    kCustomerLimit,
    kCoupon,
    kRedeem,
    kDrop,
    kReload,  // the ledger is written and read back
  };
  Kind kind = Kind::kHold;
  uint64_t id = 0;  // of the hold or coupon
  uint64_t coupon = 0;
  int node = 0;
  int64_t micros = 0;
  int64_t lives = 1;  // instants until it expires; of kPassTime: how many pass
  uint32_t customer = 0;
  bool undone = false;  // rolled back, so that nothing may change
};
std::string Print(const Operation& operation);

class LedgerModel {
 public:
  LedgerModel();
  // Whether it is accepted.
  bool Apply(const Operation& operation);
  // Empty when the ledger says of everything what this says; else what differs.
  std::string Compare(const Ledger& ledger) const;
  int64_t at() const { return at_; }
  int period() const { return static_cast<int>(periods_.size()) - 1; }
  const std::vector<int64_t>& limits() const { return periods_.back().limits; }
  int64_t Room(int node, uint32_t customer) const;
  int64_t LeftOver() const;
  bool IsDropped(uint64_t id) const;  // a hold's or a coupon's
  // "" while no envelope that was never lowered is over its limit.
  std::string Overspent() const;

 private:
  struct Period {
    std::vector<int64_t> limits;
    std::vector<bool> lowered;
    int64_t customer_limit = kUnlimited;
  };
  struct Placed {
    int period, node;
    HoldState state;
    int64_t held, committed, refunded, expires;
    uint32_t customer;
    uint64_t coupon;
    bool dropped;
    int64_t used() const { return (state == HoldState::kHeld ? held : 0) + committed - refunded; }
  };
  struct Given {
    int node;
    int64_t most, expires;
    uint32_t customer;
    uint64_t hold;
    int period;
    bool dropped;
  };
  static bool Under(int node, int above);
  Balance Sum(int period, int node) const;
  int64_t UsedBy(uint32_t customer) const;
  Placed* Find(uint64_t id);
  bool Place(uint64_t id, int node, int64_t micros, int64_t lives, uint32_t customer);
  bool Redeem(const Operation& operation);
  void GiveBack(const Placed& hold);
  void ExpireDue();
  void Drop();

  int64_t at_ = 0;
  std::vector<Period> periods_;
  std::map<uint64_t, Placed> holds_;
  std::map<uint64_t, Given> coupons_;
};

// Runs the history against both. Empty, or how they differ after which operation.
std::string Differs(const std::vector<Operation>& history);
// A history of that seed.
std::vector<Operation> RandomHistory(uint64_t seed, size_t length);
// The same failure in as few operations and as small amounts as can be found.
std::vector<Operation> Shrink(std::vector<Operation> history,
                              std::string (*fails)(const std::vector<Operation>&));

}  // namespace tenure::budget

#endif  // TENURE_TESTS_BUDGET_LEDGER_MODEL_H_
