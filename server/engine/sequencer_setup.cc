// Publishing rules, recording models, activating models and plans.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/engine/plan_versions.h"
#include "server/engine/sequencer.h"

namespace tenure::engine {

using journal::Entry;
using journal::Kind;

absl::StatusOr<uint64_t> Sequencer::Publish(const RulesCommand& command) {
  TENURE_ASSIGN_OR_RETURN(const uint64_t seen, FindRequest(Method::kRules, command.key));
  if (seen != 0) return seen;
  const Setup& setup = fold_->setup();
  if (setup.rules != nullptr && setup.rules->currency != command.rules->currency) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the amounts of this data folder are in ", setup.rules->currency, ", these rules are in ",
        command.rules->currency, "; take a new data folder for another currency"));
  }
  journal::RuleSetRecord record;
  record.hash = command.rules->hash;
  for (const rules::Source& source : command.rules->sources) {
    record.sources.emplace_back(source.file, source.text);
  }
  record.caller = command.key.caller;
  record.request_id = command.key.request_id;
  record.request_digest = command.key.digest;
  Entry entry = NextEntry(Kind::kRuleSet, 0, 0);
  entry.payload = journal::Encode(record);
  TENURE_RETURN_IF_ERROR(fold_->Apply(entry, record, command.rules));
  const uint64_t seq = entry.seq;
  entries_.push_back(std::move(entry));
  OpenPeriods(/*all=*/true);
  // Everybody's stage by the new rules at once, not at the next hour.
  BeginTick();
  return seq;
}

absl::StatusOr<uint64_t> Sequencer::Record(ModelCommand& command) {
  journal::ModelRecord& record = command.record;
  TENURE_ASSIGN_OR_RETURN(const uint64_t seen,
                          FindRequest(Fold::MethodOf(record),
                                      {record.caller, record.request_id, record.request_digest}));
  if (seen != 0) return seen;
  record.previous_seq = fold_->setup().last_model_entry;
  Entry entry = NextEntry(Kind::kModel, 0, 0);
  entry.payload = journal::Encode(record);
  TENURE_RETURN_IF_ERROR(fold_->Apply(entry, record, command.models));
  const uint64_t seq = entry.seq;
  entries_.push_back(std::move(entry));
  if (!record.candidate) BeginTick();
  return seq;
}

// A plan states limits and prices by the rules and the model it was made with; others may have come
// into force while it was computed, and a newer limit must not give way to an older one.
absl::Status Sequencer::MadeByWhatIsInForce(const journal::PlanRecord& plan) const {
  const Setup& setup = fold_->setup();
  if (setup.rules == nullptr || plan.rule_set != setup.rules->hash) {
    return absl::FailedPreconditionError(absl::StrCat("the rules changed while the plan of budget ",
                                                      plan.budget, " was made; plan again"));
  }
  if (plan.model != (setup.model_record == nullptr ? "" : setup.model_record->hash)) {
    return absl::FailedPreconditionError(absl::StrCat("the model changed while the plan of budget ",
                                                      plan.budget, " was made; plan again"));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Sequencer::Activate(PlanCommand& command) {
  journal::PlanRecord& plan = command.plan;
  TENURE_ASSIGN_OR_RETURN(
      const uint64_t seen,
      FindRequest(Method::kPlan, {plan.caller, plan.request_id, plan.request_digest}));
  if (seen != 0) return seen;
  if (at_us_ < plan.start_us || at_us_ >= plan.end_us) {
    return absl::FailedPreconditionError(
        absl::StrCat("the plan of budget ", plan.budget, " is for ", FormatInstant(plan.start_us),
                     " to ", FormatInstant(plan.end_us), " and it is ", FormatInstant(at_us_),
                     "; make a plan for the running period"));
  }
  TENURE_RETURN_IF_ERROR(MadeByWhatIsInForce(plan));
  const auto made = fold_->setup().made.find(plan.budget);
  if (command.after != 0 &&
      (made == fold_->setup().made.end() || made->second.seq != command.after)) {
    return absl::FailedPreconditionError(
        absl::StrCat("budget ", plan.budget, " was planned anew while this plan was made"));
  }
  Entry entry = NextEntry(Kind::kPlan, 0, 0);
  plan.id = PlanId(entry.seq);
  plan.previous_seq = fold_->setup().last_plan_seq;
  plan.previous_of_budget_seq = made == fold_->setup().made.end() ? 0 : made->second.seq;
  entry.payload = journal::Encode(plan);
  if (const absl::Status status = fold_->Apply(entry, plan); !status.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the plan of budget ", plan.budget, " does not fit the ledger: ", status.message()));
  }
  const uint64_t seq = entry.seq;
  entries_.push_back(std::move(entry));
  return seq;
}

}  // namespace tenure::engine
