// Decisions: the walk on present state.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/decision/walk.h"
#include "server/engine/ledger_purse.h"
#include "server/engine/sequencer.h"

namespace tenure::engine {
namespace {

using journal::Entry;
using journal::Kind;

bool SameConsents(const customers::Profile& a, const customers::Profile& b) {
  return std::equal(a.consents.begin(), a.consents.end(), b.consents.begin(), b.consents.end(),
                    [](const customers::Consent& x, const customers::Consent& y) {
                      return x.channel == y.channel && x.purpose == y.purpose && x.state == y.state;
                    });
}

}  // namespace

// Conditions are compared, never a revision number: an event that moved neither stage nor consent
// leaves the evaluation as good as it was.
bool Sequencer::IsStale(const DecideCommand& command) const {
  // As often as rules, model or plan change: an answer never mixes two of them.
  if (command.world != in_force_->view()->world) return true;
  // Once only. The walk asks the present customer for consent again.
  if (command.again) return false;
  return std::any_of(command.rows.begin(), command.rows.end(), [this](const DecideRow& row) {
    if (!row.error.ok()) return false;
    const customers::Profile present = fold_->change().ProfileOf(row.profile.customer);
    return present.stage != row.profile.stage || !SameConsents(present, row.profile);
  });
}

void Sequencer::Handle(DecideCommand& command) {
  if (IsStale(command)) {
    // Evaluation reads committed state, and policies take their time: not on this thread.
    command.again = true;
    stale_.push_back(std::move(command));
    return;
  }
  const absl::Status clash = FindClash(command);
  std::vector<absl::StatusOr<Decision>> results;
  for (DecideRow& row : command.rows) {
    if (!clash.ok()) {
      results.push_back(clash);
    } else if (!row.error.ok()) {
      results.push_back(row.error);
    } else if (!stopped_.ok() && !row.request.dry_run) {
      results.push_back(absl::UnavailableError(
          absl::StrCat("decisions can't be recorded: ", stopped_.message())));
    } else {
      results.push_back(DecideOne(*command.world, std::move(row)));
    }
  }
  replies_.push_back({[done = std::move(command.done),
                       results = std::move(results)](const absl::Status& committed) mutable {
    if (!committed.ok()) {
      for (auto& result : results) {
        if (result.ok()) result = committed;
      }
    }
    done(std::move(results));
  }});
}

void Sequencer::ReturnStale() {
  std::vector<DecideCommand> stale;
  stale.swap(stale_);
  for (DecideCommand& command : stale) {
    const size_t rows = command.rows.size();
    auto done = command.done;
    if (evaluate_again_ && evaluate_again_(std::move(command))) continue;
    done(std::vector<absl::StatusOr<Decision>>(
        rows, absl::UnavailableError("the server is stopping; repeat with the same request id")));
  }
}

absl::Status Sequencer::FindClash(const DecideCommand& command) const {
  if (command.rows.size() < 2) return absl::OkStatus();  // it is found when the row is decided
  for (const DecideRow& row : command.rows) {
    const absl::StatusOr<uint64_t> seen = FindRequest(Method::kDecide, row.request.key);
    if (!seen.ok()) return seen.status();
    if (*seen != 0) break;  // digests cover the whole batch: one row that agrees speaks for all
  }
  return absl::OkStatus();
}

absl::StatusOr<Decision> Sequencer::DecideOne(const decision::World& world, DecideRow row) {
  TENURE_ASSIGN_OR_RETURN(const uint64_t seen, FindRequest(Method::kDecide, row.request.key));
  Decision decision;
  if (seen != 0) {
    TENURE_ASSIGN_OR_RETURN(const Entry entry, EntryAt(seen));
    decision.seq = entry.seq;
    decision.at_us = entry.at_us;
    TENURE_ASSIGN_OR_RETURN(decision.record,
                            journal::Decode<journal::DecisionRecord>(entry.payload));
    return decision;
  }
  const uint32_t customer = row.profile.customer;
  const customers::Profile present = fold_->change().ProfileOf(customer);
  Entry entry = NextEntry(Kind::kDecision, customer, 0);
  LedgerPurse purse(fold_->ledger(), fold_->pacing(), at_us_, row.request.dry_run ? 0 : entry.seq,
                    customer);
  decision::Walk({&world, &present, at_us_, &purse}, &row.record);
  decision.at_us = at_us_;
  if (!row.request.dry_run) {
    for (const journal::SelectionRecord& selection : row.record.selections) {
      if (selection.hold_id != 0) entry.amount_micros += selection.held_micros;
    }
    entry.payload = journal::Encode(row.record);
    if (const absl::Status status = fold_->Apply(entry, row.record); !status.ok()) {
      // Nothing has changed by it: the rest of the batch goes on.
      return absl::InternalError(
          absl::StrCat("the decision can't be applied, nothing was recorded: ", status.message()));
    }
    decision.seq = entry.seq;
    entries_.push_back(std::move(entry));
  }
  decision.record = std::move(row.record);
  return decision;
}

}  // namespace tenure::engine
