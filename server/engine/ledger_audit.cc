#include "server/engine/ledger_audit.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/budget/checker.h"
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
        return Open(period.budget, period.start_us, period.end_us, period.nodes);
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
        return Settle(hold);
      }
      default:
        return absl::OkStatus();
    }
  }

  Audit Finish() {
    audit_.movements = checker_.movements();
    for (const auto& [hold, placed] : held_) audit_.held += placed.micros;
    return audit_;
  }

 private:
  using Key = std::pair<std::string, int64_t>;  // path, start of the period
  struct Placed {
    Key key;
    int64_t micros;
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
      const std::string budget = selection.budget_node.substr(0, selection.budget_node.find('/'));
      const auto period = periods_.find(budget);
      if (period == periods_.end() || entry.at_us < period->second.start_us ||
          entry.at_us >= period->second.end_us) {
        return absl::DataLossError(absl::StrCat("decision ", entry.seq, " holds on ",
                                                selection.budget_node, " outside an open period"));
      }
      ++audit_.holds;
      const Key key{selection.budget_node, period->second.start_us};
      held_[selection.hold_id] = {key, selection.held_micros};
      Count(key, selection.held_micros, 0);
      TENURE_RETURN_IF_ERROR(
          Next({Movement::Kind::kHold, Name(selection.budget_node, period->second.start_us), "",
                selection.hold_id, selection.held_micros}));
    }
    return absl::OkStatus();
  }

  absl::Status Settle(const journal::HoldRecord& hold) {
    if (const auto placed = held_.find(hold.hold_id); placed != held_.end()) {
      const bool spent = hold.change == journal::HoldChange::kCommitted;
      Count(placed->second.key, -placed->second.micros, spent ? hold.actual_micros : 0);
      held_.erase(placed);
    }
    switch (hold.change) {
      case journal::HoldChange::kCommitted:
        audit_.committed += hold.actual_micros;
        return Next({Movement::Kind::kCommit, "", "", hold.hold_id, hold.actual_micros});
      case journal::HoldChange::kReleased:
        return Next({Movement::Kind::kRelease, "", "", hold.hold_id, 0});
      case journal::HoldChange::kExpired:
        return Next({Movement::Kind::kExpire, "", "", hold.hold_id, 0});
    }
    return absl::DataLossError(absl::StrCat("hold ", hold.hold_id, " changes in an unknown way"));
  }

  void Count(Key key, int64_t held, int64_t committed) {
    while (!key.first.empty()) {
      Audit::Envelope& envelope = audit_.envelopes[key];
      envelope.held += held;
      envelope.committed += committed;
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
  std::map<uint64_t, Placed> held_;
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
    counts[{ledger.node_id(node), ledger.start_us(node)}] = {balance.held, balance.committed};
  }
  return counts;
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
    if (counted.held == said.held && counted.committed == said.committed) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(
        "'", key.first, "' of the period from ", FormatInstant(key.second), " counts held ",
        FormatMicros(counted.held), " and committed ", FormatMicros(counted.committed),
        ", the journal says ", FormatMicros(said.held), " and ", FormatMicros(said.committed),
        "; start again without the snapshot"));
  };
  for (const auto& [key, envelope] : audit.envelopes) TENURE_RETURN_IF_ERROR(differ(key));
  for (const auto& [key, envelope] : memory) TENURE_RETURN_IF_ERROR(differ(key));
  return absl::OkStatus();
}

}  // namespace tenure::engine
