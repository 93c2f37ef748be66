#include "server/engine/ledger_audit.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/budget/checker.h"
#include "server/engine/engine.h"
#include "server/journal/records.h"

namespace tenure::engine {
namespace {

using budget::Movement;

class Auditor {
 public:
  absl::Status Visit(const journal::Entry& entry) {
    ++audit_.entries;
    switch (entry.kind) {
      case journal::Kind::kBudgetPeriod: {
        TENURE_ASSIGN_OR_RETURN(const auto period,
                                journal::Decode<journal::BudgetPeriodRecord>(entry.payload));
        TENURE_RETURN_IF_ERROR(Open(period.budget, period.start_us, period.end_us, period.nodes));
        return Next({Movement::Kind::kCustomerLimit, Name(period.nodes[0].path, period.start_us),
                     "", 0, period.customer_limit_micros.value_or(budget::kUnlimited)});
      }
      case journal::Kind::kPlan: {
        TENURE_ASSIGN_OR_RETURN(const auto plan,
                                journal::Decode<journal::PlanRecord>(entry.payload));
        return Open(plan.budget, plan.start_us, plan.end_us, plan.nodes);
      }
      case journal::Kind::kDecision: {
        TENURE_ASSIGN_OR_RETURN(const auto decision,
                                journal::Decode<journal::DecisionRecord>(entry.payload));
        return Hold(entry, decision);
      }
      case journal::Kind::kHold: {
        TENURE_ASSIGN_OR_RETURN(const auto hold,
                                journal::Decode<journal::HoldRecord>(entry.payload));
        return Settle(entry, hold);
      }
      case journal::Kind::kRedemption: {
        TENURE_ASSIGN_OR_RETURN(const auto redemption,
                                journal::Decode<journal::RedemptionRecord>(entry.payload));
        return Redeem(entry, redemption);
      }
      default:
        return absl::OkStatus();
    }
  }

  Audit Finish() {
    audit_.movements = checker_.movements();
    for (const auto& [hold, placed] : held_) audit_.held += placed.open ? placed.micros : 0;
    return audit_;
  }

 private:
  using Key = std::pair<std::string, int64_t>;  // path, start of the period
  struct Placed {
    Key key;
    int64_t micros;
    uint64_t coupon = 0;  // that it redeems
    int64_t committed = 0, refunded = 0;
    bool open = true;
  };
  struct Given {
    int64_t most;
    int64_t expires_us;
    bool taken = false;  // redeemed, or being redeemed
  };

  // Envelopes of all periods are told apart by the period's start.
  static std::string Name(const std::string& path, int64_t start_us) {
    return absl::StrCat(path, "@", FormatInstant(start_us));
  }

  template <typename Node>
  absl::Status Open(const std::string& budget, int64_t start_us, int64_t end_us,
                    const std::vector<Node>& nodes) {
    periods_[budget] = {start_us, end_us};
    std::set<std::string>& open = open_[Name(budget, start_us)];
    std::set<std::string> gone = open;
    for (const Node& node : nodes) {
      const std::string name = Name(node.path, start_us);
      gone.erase(name);
      const bool is_new = open.insert(name).second;
      const std::string parent =
          node.parent < 0 ? "" : Name(nodes[static_cast<size_t>(node.parent)].path, start_us);
      const Key key{node.path, start_us};
      audit_.envelopes[key];
      parents_[key] = node.parent < 0 ? "" : nodes[static_cast<size_t>(node.parent)].path;
      TENURE_RETURN_IF_ERROR(Next({is_new ? Movement::Kind::kOpen : Movement::Kind::kLimit, name,
                                   parent, 0, node.limit_micros}));
    }
    for (const std::string& name : gone) {
      TENURE_RETURN_IF_ERROR(Next({Movement::Kind::kLimit, name, "", 0, 0}));
    }
    return absl::OkStatus();
  }

  absl::Status Hold(const journal::Entry& entry, const journal::DecisionRecord& decision) {
    for (const journal::SelectionRecord& selection : decision.selections) {
      if (selection.hold_id == 0) continue;
      TENURE_RETURN_IF_ERROR(Place(entry, selection.hold_id, selection.budget_node,
                                   selection.held_micros, /*coupon=*/0));
      if (selection.coupon_micros == 0) continue;
      coupons_[selection.hold_id] = {selection.coupon_micros, selection.coupon_expires_us};
    }
    return absl::OkStatus();
  }

  absl::Status Redeem(const journal::Entry& entry, const journal::RedemptionRecord& redemption) {
    const auto given = coupons_.find(redemption.coupon_id);
    if (given == coupons_.end() || given->second.taken || entry.at_us >= given->second.expires_us ||
        redemption.held_micros > given->second.most) {
      return absl::DataLossError(absl::StrCat(
          "coupon ", redemption.coupon_id, " is redeemed over ", redemption.held_micros,
          " micros, but it is unknown, taken, over, or worth less"));
    }
    given->second.taken = true;
    return Place(entry, HoldId(entry.seq, 0), redemption.budget_node, redemption.held_micros,
                 redemption.coupon_id);
  }

  absl::Status Place(const journal::Entry& entry, uint64_t hold_id, const std::string& path,
                     int64_t micros, uint64_t coupon) {
    const auto period = periods_.find(path.substr(0, path.find('/')));
    if (period == periods_.end() || entry.at_us < period->second.start_us ||
        entry.at_us >= period->second.end_us) {
      return absl::DataLossError(
          absl::StrCat("entry ", entry.seq, " holds on ", path, " outside an open period"));
    }
    ++audit_.holds;
    const Key key{path, period->second.start_us};
    held_[hold_id] = {key, micros, coupon};
    Count(key, micros, 0, 0);
    return Next({Movement::Kind::kHold, Name(path, period->second.start_us), "", hold_id, micros,
                 entry.customer});
  }

  // The checker first: it says which rule a movement breaks.
  absl::Status Settle(const journal::Entry& entry, const journal::HoldRecord& hold) {
    switch (hold.change) {
      case journal::HoldChange::kCommitted:
        TENURE_RETURN_IF_ERROR(
            Next({Movement::Kind::kCommit, "", "", hold.hold_id, hold.actual_micros}));
        break;
      case journal::HoldChange::kReleased:
        TENURE_RETURN_IF_ERROR(Next({Movement::Kind::kRelease, "", "", hold.hold_id, 0}));
        break;
      case journal::HoldChange::kExpired:
        TENURE_RETURN_IF_ERROR(Next({Movement::Kind::kExpire, "", "", hold.hold_id, 0}));
        break;
      case journal::HoldChange::kRefunded:
        TENURE_RETURN_IF_ERROR(
            Next({Movement::Kind::kRefund, "", "", hold.hold_id, hold.actual_micros}));
        return Refund(hold);
      default:
        return absl::DataLossError(
            absl::StrCat("hold ", hold.hold_id, " changes in an unknown way"));
    }
    Placed& placed = held_.at(hold.hold_id);  // the checker knows it
    const bool spent = hold.change == journal::HoldChange::kCommitted;
    placed.open = false;
    placed.committed = spent ? hold.actual_micros : 0;
    audit_.committed += placed.committed;
    Count(placed.key, -placed.micros, placed.committed, 0);
    if (spent) return absl::OkStatus();
    GiveBack(placed);
    const auto given = coupons_.find(hold.hold_id);
    if (given != coupons_.end() && hold.change == journal::HoldChange::kReleased) {
      given->second.expires_us = std::min(given->second.expires_us, entry.at_us);
    }
    return absl::OkStatus();
  }

  absl::Status Refund(const journal::HoldRecord& hold) {
    Placed& placed = held_.at(hold.hold_id);
    placed.refunded += hold.actual_micros;
    if (placed.refunded != hold.refunded_micros) {
      return absl::DataLossError(absl::StrCat("hold ", hold.hold_id, " was refunded ",
                                              placed.refunded, " micros, its record says ",
                                              hold.refunded_micros));
    }
    audit_.committed -= hold.actual_micros;
    audit_.refunded += hold.actual_micros;
    Count(placed.key, 0, -hold.actual_micros, hold.actual_micros);
    if (placed.refunded == placed.committed) GiveBack(placed);
    return absl::OkStatus();
  }

  void GiveBack(const Placed& redemption) {
    if (redemption.coupon != 0) coupons_.at(redemption.coupon).taken = false;
  }

  void Count(Key key, int64_t held, int64_t committed, int64_t refunded) {
    while (!key.first.empty()) {
      Audit::Envelope& envelope = audit_.envelopes[key];
      envelope.held += held;
      envelope.committed += committed;
      envelope.refunded += refunded;
      key.first = parents_[key];
    }
  }

  absl::Status Next(const Movement& movement) {
    const absl::Status status = checker_.Next(movement);
    return status.ok() ? status : absl::DataLossError(status.message());
  }

  budget::Checker checker_;
  std::map<std::string, Window> periods_;              // by budget: opened last
  std::map<std::string, std::set<std::string>> open_;  // envelopes by period
  std::map<Key, std::string> parents_;                 // paths within the same period
  std::map<uint64_t, Placed> held_;                    // every hold there was
  std::map<uint64_t, Given> coupons_;
  Audit audit_;
};

}  // namespace

absl::StatusOr<Audit> AuditLedger(const journal::Journal& journal, uint64_t last_seq,
                                  const std::atomic<bool>& stop) {
  const auto stopped = [] {
    return absl::UnavailableError("the audit ends unfinished: the engine is closing");
  };
  if (stop.load()) return stopped();
  Auditor auditor;
  const absl::Status status = journal.Scan(1, [&](const journal::Entry& entry) -> absl::Status {
    if (stop.load(std::memory_order_relaxed)) return stopped();
    if (entry.seq > last_seq) return absl::CancelledError();
    return Annotate(auditor.Visit(entry), absl::StrCat("entry ", entry.seq));
  });
  if (!status.ok() && status.code() != absl::StatusCode::kCancelled) return status;
  return auditor.Finish();
}

LedgerCounts CountsOf(const budget::Ledger& ledger) {
  LedgerCounts counts;
  for (budget::NodeId node = 0; node < ledger.node_count(); ++node) {
    const budget::Balance& balance = ledger.balance(node);
    counts[{ledger.node_id(node), ledger.start_us(node)}] = {balance.held, balance.committed,
                                                             balance.refunded};
  }
  return counts;
}

absl::Status CompareWithChildren(const LedgerCounts& counts) {
  LedgerCounts below;
  for (const auto& [key, envelope] : counts) {
    const size_t cut = key.first.rfind('/');
    if (cut == std::string::npos) continue;
    Audit::Envelope& sum = below[{key.first.substr(0, cut), key.second}];
    sum.held += envelope.held;
    sum.committed += envelope.committed;
    sum.refunded += envelope.refunded;
  }
  for (const auto& [key, sum] : below) {
    const auto parent = counts.find(key);
    if (parent != counts.end() && parent->second == sum) continue;
    return absl::DataLossError(absl::StrCat(
        "'", key.first, "' of the period from ", FormatInstant(key.second),
        " does not count what the envelopes below it count, held ", FormatMicros(sum.held),
        " and committed ", FormatMicros(sum.committed), "; start again without the snapshot"));
  }
  return absl::OkStatus();
}

absl::Status Compare(const Audit& audit, const LedgerCounts& memory) {
  static const Audit::Envelope kNothing;
  const auto at = [](const LedgerCounts& counts, const LedgerCounts::key_type& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? kNothing : found->second;
  };
  const auto differ = [&](const LedgerCounts::key_type& key) -> absl::Status {
    const Audit::Envelope counted = at(memory, key);
    const Audit::Envelope said = at(audit.envelopes, key);
    if (counted == said) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(
        "'", key.first, "' of the period from ", FormatInstant(key.second), " counts held ",
        FormatMicros(counted.held), ", committed ", FormatMicros(counted.committed),
        " and refunded ", FormatMicros(counted.refunded), ", the journal says ",
        FormatMicros(said.held), ", ", FormatMicros(said.committed), " and ",
        FormatMicros(said.refunded), "; start again without the snapshot"));
  };
  for (const auto& [key, envelope] : audit.envelopes) TENURE_RETURN_IF_ERROR(differ(key));
  for (const auto& [key, envelope] : memory) TENURE_RETURN_IF_ERROR(differ(key));
  return absl::OkStatus();
}

}  // namespace tenure::engine
