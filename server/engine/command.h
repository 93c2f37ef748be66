// What the sequencer is asked to do, one struct a kind.
#ifndef TENURE_SERVER_ENGINE_COMMAND_H_
#define TENURE_SERVER_ENGINE_COMMAND_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/engine.h"
#include "server/engine/fold.h"

namespace tenure::engine {

// By event; encoded and checked by the thread that brought them, to spare the sequencer.
struct IngestCommand {
  std::vector<journal::EventRecord> events;
  std::vector<std::string> payloads;
  std::vector<uint64_t> fingerprints;
  std::vector<std::string> reasons;  // not empty: rejected
  Done<IngestResult> done;
};

// One asked decision on its way: as evaluated, to be walked.
struct DecideRow {
  DecideRequest request;
  absl::Status error;  // not OK: the answer
  customers::Profile profile;
  journal::DecisionRecord record;  // all but the walk's part
};

struct DecideCommand {
  std::vector<DecideRow> rows;
  std::shared_ptr<const decision::World> world;  // by which it was evaluated
  bool again = false;                            // evaluated a second time already
  std::function<void(std::vector<absl::StatusOr<Decision>>)> done;
};

struct HoldCommand {
  RequestKey key;
  journal::HoldChange change;
  uint64_t hold_id;
  int64_t actual_micros;
  Done<HoldState> done;
};

struct RedeemCommand {
  RequestKey key;
  uint64_t coupon_id;
  int64_t micros;
  Done<HoldState> done;
};

struct RulesCommand {
  RequestKey key;
  std::shared_ptr<const rules::RuleSet> rules;
  Done<uint64_t> done;
};

// A version, or an earlier one that is to be in force.
struct ModelCommand {
  journal::ModelRecord record;
  clv::ModelDocument models;
  Done<uint64_t> done;
};

struct PlanCommand {
  journal::PlanRecord plan;
  uint64_t after;  // the entry of the budget's plan that it is to follow; 0: whatever there is
  Done<uint64_t> done;
};

// Was this request answered before?
struct FindCommand {
  Method method;
  RequestKey key;
  Done<uint64_t> done;  // the entry, 0: no
};

struct TickCommand {
  Done<uint64_t> done;
};

// Sees committed state.
struct ReadCommand {
  std::function<void(const Fold&)> read;
};

using Command = std::variant<IngestCommand, DecideCommand, HoldCommand, RedeemCommand, RulesCommand,
                             ModelCommand, PlanCommand, FindCommand, TickCommand, ReadCommand>;

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_COMMAND_H_
