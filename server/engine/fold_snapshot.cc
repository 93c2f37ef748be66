// The fold's bytes. Rule sets, models and plans stand in the journal: only where is kept here.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/engine/fold.h"

namespace tenure::engine {
namespace {

// Reads and decodes an entry that the snapshot names.
template <typename Record>
absl::StatusOr<Record> RecordAt(const journal::Journal& journal, uint64_t seq) {
  TENURE_ASSIGN_OR_RETURN(const journal::Entry entry, journal.Read(seq));
  return journal::Decode<Record>(entry.payload);
}

void SaveSetup(const Setup& setup, Writer* out) {
  out->U64(setup.rules_seq);
  out->U64(setup.model_seq);
  out->U64(setup.last_model_entry);
  out->U64(setup.versions.size());
  for (const ModelVersion& version : setup.versions) {
    out->U64(version.seq);
    out->I64(version.at_us);
    out->I64(version.activated_us);
  }
  out->U64(setup.last_plan_seq);
  out->I64(setup.last_tick_us);
  out->U64(setup.stages_outdated ? 1 : 0);
  out->U64(setup.salt);
  out->U64(setup.plans.size());
  for (const auto& [budget, plan] : setup.plans) out->U64(plan.seq);
  out->U64(setup.made.size());
  for (const auto& [budget, made] : setup.made) {
    out->Text(budget);
    out->U64(made.seq);
    for (const int64_t value : {made.at_us, made.end_us, made.used_micros, made.planned_micros}) {
      out->I64(value);
    }
    out->U64(made.customers);
  }
  out->U64(setup.periods.size());
  for (const auto& [budget, period] : setup.periods) {
    out->Text(budget);
    out->I64(period.start_us);
    out->I64(period.end_us);
    const auto carried = setup.carried.find(budget);
    out->I64(carried == setup.carried.end() ? 0 : carried->second);
  }
  out->U64(setup.published.size());
  for (const auto& [hash, seq] : setup.published) {
    out->Text(hash);
    out->U64(seq);
  }
}

}  // namespace

std::string Fold::Save() const {
  Writer out;
  out.U64(last_seq_);
  out.I64(last_at_us_);
  SaveSetup(setup_, &out);
  out.Text(ledger_.Serialize());
  pacing_.Save(&out);
  events_.Save(&out);
  requests_.Save(&out);
  arrivals_.Save(&out);
  out.Text(population_->Save());
  return out.Take();
}

absl::Status Fold::RestoreSetup(Reader* in, const journal::Journal& journal) {
  setup_.rules_seq = in->U64();
  setup_.model_seq = in->U64();
  setup_.last_model_entry = in->U64();
  for (uint64_t left = in->U64(); left > 0 && in->ok(); --left) {
    ModelVersion version;
    version.seq = in->U64();
    version.at_us = in->I64();
    version.activated_us = in->I64();
    TENURE_ASSIGN_OR_RETURN(auto record, RecordAt<journal::ModelRecord>(journal, version.seq));
    version.record = std::make_shared<const journal::ModelRecord>(std::move(record));
    setup_.versions.push_back(std::move(version));
  }
  setup_.last_plan_seq = in->U64();
  setup_.last_tick_us = in->I64();
  setup_.stages_outdated = in->U64() != 0;
  setup_.salt = in->U64();
  for (uint64_t left = in->U64(); left > 0 && in->ok(); --left) {
    const uint64_t seq = in->U64();
    TENURE_ASSIGN_OR_RETURN(auto plan, RecordAt<journal::PlanRecord>(journal, seq));
    auto record = std::make_shared<const journal::PlanRecord>(std::move(plan));
    setup_.plans[record->budget] = {seq, record};
  }
  for (uint64_t left = in->U64(); left > 0 && in->ok(); --left) {
    PlanMade& made = setup_.made[std::string(in->Text())];
    made.seq = in->U64();
    for (int64_t* value : {&made.at_us, &made.end_us, &made.used_micros, &made.planned_micros}) {
      *value = in->I64();
    }
    made.customers = in->U64();
  }
  for (uint64_t left = in->U64(); left > 0 && in->ok(); --left) {
    const std::string budget(in->Text());
    const int64_t start_us = in->I64();
    setup_.periods[budget] = {start_us, in->I64()};
    if (const int64_t carried = in->I64(); carried != 0) setup_.carried[budget] = carried;
  }
  for (uint64_t left = in->U64(); left > 0 && in->ok(); --left) {
    const std::string hash(in->Text());
    setup_.published[hash] = in->U64();
  }
  if (!in->ok()) return absl::DataLossError("the setup is cut short");
  if (setup_.rules_seq != 0) {
    TENURE_ASSIGN_OR_RETURN(const auto record,
                            RecordAt<journal::RuleSetRecord>(journal, setup_.rules_seq));
    TENURE_ASSIGN_OR_RETURN(setup_.rules, Recompile(record));
  }
  if (setup_.model_seq != 0) {
    TENURE_ASSIGN_OR_RETURN(auto record, RecordAt<journal::ModelRecord>(journal, setup_.model_seq));
    TENURE_ASSIGN_OR_RETURN(setup_.models, clv::ReadModelDocument(record.model_json));
    setup_.model_record = std::make_shared<const journal::ModelRecord>(std::move(record));
  }
  valuation_ = setup_.valuation();
  return absl::OkStatus();
}

absl::Status Fold::Restore(absl::string_view bytes, const journal::Journal& journal) {
  Reader in(bytes);
  last_seq_ = in.U64();
  last_at_us_ = in.I64();
  TENURE_RETURN_IF_ERROR(RestoreSetup(&in, journal));
  TENURE_ASSIGN_OR_RETURN(ledger_, budget::Ledger::Deserialize(in.Text()));
  if (setup_.rules != nullptr) pacing_.SetRules(setup_.rules);
  TENURE_RETURN_IF_ERROR(pacing_.Restore(&in));
  TENURE_RETURN_IF_ERROR(events_.Restore(&in));
  TENURE_RETURN_IF_ERROR(requests_.Restore(&in));
  TENURE_RETURN_IF_ERROR(arrivals_.Restore(&in));
  const absl::string_view population = in.Text();
  if (!in.ok() || in.left() != 0) return absl::DataLossError("the state is cut short");
  TENURE_RETURN_IF_ERROR(population_->Restore(population));
  change_ = std::make_unique<customers::Change>(population_);
  return absl::OkStatus();
}

}  // namespace tenure::engine
