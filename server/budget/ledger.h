// The ledger of nested budgets. A hold fits the node it names and all its ancestors, or none of
// them; so at every moment committed + held <= limit on every node, whatever the order of calls.
#ifndef TENURE_SERVER_BUDGET_LEDGER_H_
#define TENURE_SERVER_BUDGET_LEDGER_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure::budget {

// Dense over all periods of all budgets, in the order they were opened; never reused, save that a
// rollback takes back what it undoes.
using NodeId = int32_t;
inline constexpr NodeId kNoNode = -1;
inline constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

// One envelope of a period's tree.
struct NodeSpec {
  std::string id;           // unique in the tree: "lifecycle/high_value/welcome"
  NodeId parent = kNoNode;  // position in the same tree, before this one; kNoNode: the one root
  int64_t limit_micros = 0;
};

enum class HoldState : uint8_t { kHeld, kCommitted, kReleased, kExpired, kRefunded };

struct Hold {
  NodeId node = kNoNode;
  HoldState state = HoldState::kHeld;
  int64_t held_micros = 0;       // what was asked for
  int64_t expires_us = 0;        // first instant at which it can no longer be committed
  int64_t committed_micros = 0;  // what it cost in the end, before refunds
  int64_t refunded_micros = 0;   // part of committed_micros that came back
  uint32_t customer = 0;         // whose counter it is in; 0: nobody's
  uint64_t coupon = 0;           // which it redeems; 0: none
};

// A promise that holds nothing until it is redeemed.
struct Coupon {
  NodeId node = kNoNode;    // where it was given out; redeemed in the period of that moment
  int64_t most_micros = 0;  // of one redemption
  int64_t expires_us = 0;   // first instant at which it can no longer be redeemed
  uint32_t customer = 0;
  uint64_t hold_id = 0;  // of the redemption under way or done; 0: may be redeemed
};

struct Balance {
  int64_t limit = 0;
  int64_t held = 0;
  int64_t committed = 0;  // net of refunds
  int64_t refunded = 0;
  // How far held + committed is above the limit: only after the limit was lowered below it.
  int64_t overcommitted() const { return held + committed > limit ? held + committed - limit : 0; }
  // What a new hold may take here; ancestors may allow less.
  int64_t available() const { return held + committed < limit ? limit - held - committed : 0; }
};

struct ExpiredHold {
  uint64_t hold_id;
  NodeId node;
  int64_t micros;
  int64_t expired_us;  // when it fell due
};

// A pure fold: reads no clock, draws nothing, answers the same to the same calls. Not thread-safe:
// the sequencer owns it. A method that returns an error has changed nothing.
class Ledger {
 public:
  // Opens [start_us, end_us) of a budget with its tree: parents before children, one root, ids
  // unique, limits >= 0. The same period again changes limits and may add nodes; nodes that the
  // new tree lacks get limit 0. A limit below what is used is accepted: the node is overcommitted
  // and takes no hold until it is not. INVALID_ARGUMENT for a malformed tree or a moved node;
  // ALREADY_EXISTS when the period overlaps another one of that budget.
  absl::Status OpenPeriod(const std::string& budget_id, int64_t start_us, int64_t end_us,
                          const std::vector<NodeSpec>& tree);
  // The most that one customer may take of an open period, beside the envelopes; kUnlimited takes
  // the counters away. Below what somebody has used already, that customer gets nothing more.
  // NOT_FOUND; INVALID_ARGUMENT when negative.
  absl::Status SetCustomerLimit(const std::string& budget_id, int64_t start_us, int64_t micros);

  // The node of that id in the period of the budget that holds the instant. For a leaf and for an
  // inner node alike: a hold may name either.
  std::optional<NodeId> FindNode(absl::string_view budget_id, absl::string_view node_id,
                                 int64_t at_us) const;

  // Whether `micros` >= 0 more fit the node and every ancestor.
  bool Fits(NodeId node, int64_t micros) const { return FirstFull(node, micros) == kNoNode; }
  // The node nearest to the given one, itself included, that `micros` more do not fit; kNoNode
  // when they fit all.
  NodeId FirstFull(NodeId node, int64_t micros) const;
  // The most that a hold of that customer may take here, by the node, its ancestors and the
  // customer's own counter: not even 0 fits where it is negative.
  int64_t Room(NodeId node, uint32_t customer) const;
  // By the customer's own counter alone; kUnlimited where there is none.
  int64_t CustomerRoom(NodeId node, uint32_t customer) const;

  // Holds `micros` >= 0 on the node and its ancestors until `expires_us` (exclusive). Idempotent:
  // the same id with the same node and amount is OK while held. RESOURCE_EXHAUSTED naming the
  // envelope that is full; FAILED_PRECONDITION outside the node's period; ALREADY_EXISTS for an id
  // used differently; INVALID_ARGUMENT for a bad node, amount or expiry.
  absl::Status Place(uint64_t hold_id, NodeId node, int64_t micros, int64_t at_us,
                     int64_t expires_us, uint32_t customer = 0);

  // What it cost in the end, 0 <= actual <= held; the rest is free again. Idempotent for the same
  // amount, ALREADY_EXISTS for another. FAILED_PRECONDITION once expired or released, also when
  // `at_us` is past the expiry that ExpireUntil has not reached yet. NOT_FOUND for an unknown id.
  absl::Status Commit(uint64_t hold_id, int64_t actual_micros, int64_t at_us);

  // Frees the hold; a coupon that it was redeeming may be redeemed again, one that was given out
  // with it no longer can be. Idempotent. FAILED_PRECONDITION once committed or expired; NOT_FOUND.
  absl::Status Release(uint64_t hold_id, int64_t at_us);

  // Credits `micros` > 0 of a committed amount to the period it was spent in, never more than is
  // left of it (OUT_OF_RANGE). With the last of it the coupon that was redeemed may be redeemed
  // again. Not idempotent: the caller deduplicates. FAILED_PRECONDITION when not committed;
  // NOT_FOUND.
  absl::Status Refund(uint64_t hold_id, int64_t micros, int64_t at_us);

  // Gives a coupon out. ALREADY_EXISTS for an id that is taken; INVALID_ARGUMENT for a bad node,
  // amount or expiry.
  absl::Status AddCoupon(uint64_t coupon_id, const Coupon& coupon, int64_t at_us);
  // Holds `micros` for a coupon, on the envelopes that its path names at that moment. NOT_FOUND for
  // an unknown coupon; FAILED_PRECONDITION once redeemed, while a redemption is under way, after
  // its validity, or without an open envelope; OUT_OF_RANGE above the most it may cost; otherwise
  // as Place.
  absl::Status Redeem(uint64_t coupon_id, uint64_t hold_id, int64_t micros, int64_t at_us,
                      int64_t expires_us);

  // Expires every hold due at or before the instant, ordered by (expiry, id).
  std::vector<ExpiredHold> ExpireUntil(int64_t at_us);
  // Forgets the holds that ended, could no longer end in another way before `at_us`, and whose
  // period was over before `at_us`; their sums stay in the balances, but no longer in customers'
  // counters. So with coupons that nothing holds for. Later calls that name one of them answer
  // NOT_FOUND. How many holds there were.
  size_t DropSettled(int64_t at_us);
  // When the next hold falls due.
  std::optional<int64_t> next_expiry_us() const;

  // From here on changes can be undone; what came before no longer can. Rollback undoes every
  // change since the last Checkpoint (nothing when there was none) and keeps that mark.
  void Checkpoint();
  void Rollback();
  // A mark after the last Checkpoint, and back to it, undoing what came since.
  size_t Mark() const { return undo_.size(); }
  void RollbackTo(size_t mark);

  NodeId node_count() const { return static_cast<NodeId>(nodes_.size()); }
  const std::string& node_id(NodeId node) const { return nodes_[Index(node)].id; }
  NodeId parent(NodeId node) const { return nodes_[Index(node)].parent; }
  int64_t start_us(NodeId node) const { return PeriodOf(node).start_us; }
  int64_t end_us(NodeId node) const { return PeriodOf(node).end_us; }
  const std::string& budget_id(NodeId node) const { return PeriodOf(node).budget_id; }
  // kUnlimited where customers are not counted.
  int64_t customer_limit(NodeId node) const { return PeriodOf(node).customer_limit; }
  const Balance& balance(NodeId node) const { return nodes_[Index(node)].balance; }
  // Null when unknown. Valid until the next change.
  const Hold* FindHold(uint64_t hold_id) const;
  size_t hold_count() const { return holds_.size(); }
  // The same of coupons.
  const Coupon* FindCoupon(uint64_t coupon_id) const;

  // Recomputes every balance and every customer's counter from the holds and the sums of those
  // dropped, and compares every parent with its children. INTERNAL naming the first that differs.
  absl::Status Verify() const;

  // The whole state but the undo log, byte for byte the same for the same state.
  std::string Serialize() const;
  // DATA_LOSS when truncated, altered or inconsistent; FAILED_PRECONDITION for another version.
  static absl::StatusOr<Ledger> Deserialize(absl::string_view bytes);

 private:
  struct Node {
    std::string id;
    NodeId parent;
    int32_t period;
    Balance balance;
    int64_t dropped_committed = 0;  // of dropped holds that named this very node, net of refunds
    int64_t dropped_refunded = 0;
  };
  struct Period {
    std::string budget_id;
    int64_t start_us;
    int64_t end_us;
    absl::flat_hash_map<std::string, NodeId> nodes;
    int64_t customer_limit = kUnlimited;
    absl::flat_hash_map<uint32_t, int64_t> used_by;  // customer: held + committed, where limited
  };
  // How to take one change back: a hold's earlier value, a dropped hold, a limit, an added node or
  // period; the same of coupons.
  struct Undo {
    enum class Kind : uint8_t {
      kHold,
      kNewHold,
      kDropped,
      kLimit,
      kNewNode,
      kNewPeriod,
      kCustomerLimit,
      kCoupon,
      kNewCoupon
    };
    Kind kind;
    uint64_t hold_id = 0;  // or the coupon's
    Hold hold = {};
    NodeId node = kNoNode;
    int32_t period = 0;
    int64_t limit = 0;
    Coupon coupon = {};
  };

  static size_t Index(NodeId node) { return static_cast<size_t>(node); }
  const Period& PeriodOf(NodeId node) const { return periods_[Index(nodes_[Index(node)].period)]; }
  bool Known(NodeId node) const { return node >= 0 && node < node_count(); }
  absl::Status CheckTree(const std::vector<NodeSpec>& tree) const;
  absl::StatusOr<int32_t> FindOrAddPeriod(const std::string& budget_id, int64_t start_us,
                                          int64_t end_us);
  void Record(Undo undo);
  void SetLimit(NodeId node, int64_t limit);
  void CountCustomers(int32_t period, int64_t limit);
  void AddNode(int32_t period, NodeId parent, const NodeSpec& spec);
  // Moves a hold to a new value: balances up the path, due times, and the undo log.
  void Change(uint64_t hold_id, const Hold& to);
  void Apply(const Hold& hold, int sign);
  void CountCustomer(const Hold& hold, int sign);
  // What a hold takes of its customer's counter.
  static int64_t UsedOf(const Hold& hold) {
    return (hold.state == HoldState::kHeld ? hold.held_micros : 0) + hold.committed_micros -
           hold.refunded_micros;
  }
  void DropCoupons(int64_t at_us);
  void SerializeCoupons(std::string* out) const;
  void SetCoupon(uint64_t coupon_id, const Coupon& to);
  // A redemption came to nothing, or was taken back: the coupon is as before.
  void GiveBack(const Hold& redemption);
  absl::Status VerifyCustomers() const;
  absl::Status VerifyParents() const;
  // Of one dropped hold (sign 1), or of one that comes back (−1).
  void CountDropped(const Hold& hold, int sign);
  void UndoOne(const Undo& undo);

  std::vector<Node> nodes_;
  std::vector<Period> periods_;
  std::map<std::pair<std::string, int64_t>, int32_t> period_by_start_;  // (budget, start)
  absl::flat_hash_map<uint64_t, Hold> holds_;
  absl::flat_hash_map<uint64_t, Coupon> coupons_;
  absl::btree_set<std::pair<int64_t, uint64_t>> due_;  // (expiry, hold) of every held one
  std::vector<Undo> undo_;
  bool recording_ = false;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_LEDGER_H_
