// What is published and activated: rule sets, models, plans, budget periods, long operations.
#include <utility>

#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "server/base/status.h"
#include "server/journal/codec.h"
#include "server/journal/records.h"

namespace tenure::journal {
namespace {

std::vector<double> Doubles(const google::protobuf::RepeatedField<double>& in) {
  return std::vector<double>(in.begin(), in.end());
}

void EncodeCutPoints(const CutPoints& points, wire::CutPoints* out) {
  out->set_clv_high(points.clv_high);
  out->set_clv_medium(points.clv_medium);
  out->mutable_recency_days()->Add(points.recency_days.begin(), points.recency_days.end());
  out->mutable_frequency()->Add(points.frequency.begin(), points.frequency.end());
  out->mutable_monetary()->Add(points.monetary.begin(), points.monetary.end());
}

CutPoints DecodeCutPoints(const wire::CutPoints& in) {
  CutPoints points;
  points.clv_high = in.clv_high();
  points.clv_medium = in.clv_medium();
  points.recency_days = Doubles(in.recency_days());
  points.frequency = Doubles(in.frequency());
  points.monetary = Doubles(in.monetary());
  return points;
}

void EncodePlanNode(const PlanNodeRecord& node, wire::PlanNode* out) {
  out->set_path(node.path);
  out->set_parent(node.parent);
  out->set_limit_micros(node.limit_micros);
  out->set_price(node.price);
  out->set_planned_spend_micros(node.planned_spend_micros);
  out->set_planned_value(node.planned_value);
  out->set_customers(node.customers);
}

PlanNodeRecord DecodePlanNode(wire::PlanNode* in) {
  PlanNodeRecord node;
  node.path = std::move(*in->mutable_path());
  node.parent = in->parent();
  node.limit_micros = in->limit_micros();
  node.price = in->price();
  node.planned_spend_micros = in->planned_spend_micros();
  node.planned_value = in->planned_value();
  node.customers = in->customers();
  return node;
}

}  // namespace

std::string Encode(const RuleSetRecord& record) {
  wire::RuleSet message;
  message.set_hash(record.hash);
  for (const auto& [file, text] : record.sources) {
    wire::Source* source = message.add_sources();
    source->set_file(file);
    source->set_text(text);
  }
  EncodeRequest(record, message.mutable_request());
  return message.SerializeAsString();
}

template <>
absl::StatusOr<RuleSetRecord> Decode<RuleSetRecord>(absl::string_view payload) {
  wire::RuleSet message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "rule set", &message));
  RuleSetRecord record;
  record.hash = std::move(*message.mutable_hash());
  for (wire::Source& source : *message.mutable_sources()) {
    record.sources.emplace_back(std::move(*source.mutable_file()),
                                std::move(*source.mutable_text()));
  }
  DecodeRequest(message.mutable_request(), &record);
  return record;
}

std::string Encode(const ModelRecord& record) {
  wire::Model message;
  message.set_hash(record.hash);
  message.set_model_json(record.model_json);
  message.set_report_json(record.report_json);
  EncodeCutPoints(record.cut_points, message.mutable_cut_points());
  message.set_rule_set(record.rule_set);
  message.set_as_of_us(record.as_of_us);
  message.set_reason(record.reason);
  message.set_candidate(record.candidate);
  message.set_version_seq(record.version_seq);
  message.set_previous_seq(record.previous_seq);
  EncodeRequest(record, message.mutable_request());
  return message.SerializeAsString();
}

template <>
absl::StatusOr<ModelRecord> Decode<ModelRecord>(absl::string_view payload) {
  wire::Model message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "model", &message));
  ModelRecord record;
  record.hash = std::move(*message.mutable_hash());
  record.model_json = std::move(*message.mutable_model_json());
  record.report_json = std::move(*message.mutable_report_json());
  record.cut_points = DecodeCutPoints(message.cut_points());
  record.rule_set = std::move(*message.mutable_rule_set());
  record.as_of_us = message.as_of_us();
  record.reason = std::move(*message.mutable_reason());
  record.candidate = message.candidate();
  record.version_seq = message.version_seq();
  record.previous_seq = message.previous_seq();
  DecodeRequest(message.mutable_request(), &record);
  return record;
}

std::string Encode(const PlanRecord& record) {
  wire::Plan message;
  message.set_id(record.id);
  message.set_budget(record.budget);
  message.set_rule_set(record.rule_set);
  message.set_model(record.model);
  message.set_start_us(record.start_us);
  message.set_end_us(record.end_us);
  for (const PlanNodeRecord& node : record.nodes) EncodePlanNode(node, message.add_nodes());
  message.set_segment_of(record.segment_of);
  for (const auto& [stage, price] : record.slot_prices) {
    wire::SlotPrice* slot = message.add_slot_prices();
    slot->set_stage(stage);
    slot->set_price(price);
  }
  message.set_achieved(record.achieved);
  message.set_upper_bound(record.upper_bound);
  message.set_gap(record.gap);
  message.set_report_json(record.report_json);
  EncodeRequest(record, message.mutable_request());
  for (const PlanShareRecord& share : record.population) {
    wire::PlanShare* out = message.add_population();
    out->set_segment(share.segment);
    out->set_stage(share.stage);
    out->set_tier(share.tier);
    out->set_customers(share.customers);
  }
  message.set_stopped(record.stopped);
  message.set_unassigned_micros(record.unassigned_micros);
  message.set_over_micros(record.over_micros);
  message.set_declared_unplanned_micros(record.declared_unplanned_micros);
  message.set_declared_exploration_micros(record.declared_exploration_micros);
  message.set_previous_seq(record.previous_seq);
  message.set_previous_of_budget_seq(record.previous_of_budget_seq);
  return message.SerializeAsString();
}

template <>
absl::StatusOr<PlanRecord> Decode<PlanRecord>(absl::string_view payload) {
  wire::Plan message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "plan", &message));
  PlanRecord record;
  record.id = std::move(*message.mutable_id());
  record.budget = std::move(*message.mutable_budget());
  record.rule_set = std::move(*message.mutable_rule_set());
  record.model = std::move(*message.mutable_model());
  record.start_us = message.start_us();
  record.end_us = message.end_us();
  for (wire::PlanNode& node : *message.mutable_nodes()) {
    record.nodes.push_back(DecodePlanNode(&node));
  }
  record.segment_of = std::move(*message.mutable_segment_of());
  for (wire::SlotPrice& slot : *message.mutable_slot_prices()) {
    record.slot_prices.emplace_back(std::move(*slot.mutable_stage()), slot.price());
  }
  record.achieved = message.achieved();
  record.upper_bound = message.upper_bound();
  record.gap = message.gap();
  record.report_json = std::move(*message.mutable_report_json());
  DecodeRequest(message.mutable_request(), &record);
  for (wire::PlanShare& share : *message.mutable_population()) {
    record.population.push_back({std::move(*share.mutable_segment()),
                                 std::move(*share.mutable_stage()),
                                 std::move(*share.mutable_tier()), share.customers()});
  }
  record.stopped = message.stopped();
  record.unassigned_micros = message.unassigned_micros();
  record.over_micros = message.over_micros();
  record.declared_unplanned_micros = message.declared_unplanned_micros();
  record.declared_exploration_micros = message.declared_exploration_micros();
  record.previous_seq = message.previous_seq();
  record.previous_of_budget_seq = message.previous_of_budget_seq();
  return record;
}

std::string Encode(const BudgetPeriodRecord& record) {
  wire::BudgetPeriod message;
  message.set_budget(record.budget);
  message.set_start_us(record.start_us);
  message.set_end_us(record.end_us);
  for (const BudgetPeriodRecord::Node& node : record.nodes) {
    wire::BudgetNode* out = message.add_nodes();
    out->set_path(node.path);
    out->set_parent(node.parent);
    out->set_limit_micros(node.limit_micros);
  }
  message.set_carried_micros(record.carried_micros);
  if (record.customer_limit_micros.has_value()) {
    message.set_customer_limit_micros(*record.customer_limit_micros);
  }
  return message.SerializeAsString();
}

template <>
absl::StatusOr<BudgetPeriodRecord> Decode<BudgetPeriodRecord>(absl::string_view payload) {
  wire::BudgetPeriod message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "budget period", &message));
  BudgetPeriodRecord record;
  record.budget = std::move(*message.mutable_budget());
  record.start_us = message.start_us();
  record.end_us = message.end_us();
  for (wire::BudgetNode& node : *message.mutable_nodes()) {
    record.nodes.push_back({std::move(*node.mutable_path()), node.parent(), node.limit_micros()});
  }
  record.carried_micros = message.carried_micros();
  if (message.has_customer_limit_micros()) {
    record.customer_limit_micros = message.customer_limit_micros();
  }
  return record;
}

std::string Encode(const TickRecord& record) {
  wire::Tick message;
  message.set_continues(record.continues);
  message.set_at_most(record.at_most);
  return message.SerializeAsString();
}

template <>
absl::StatusOr<TickRecord> Decode<TickRecord>(absl::string_view payload) {
  wire::Tick message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "tick", &message));
  return TickRecord{message.continues(), message.at_most()};
}

std::string Encode(const PacingRecord& record) {
  wire::Pacing message;
  message.set_budget(record.budget);
  message.set_state(static_cast<uint32_t>(record.state));
  message.set_missed_arrivals(record.missed_arrivals);
  for (const PacingRecord::Envelope& envelope : record.envelopes) {
    wire::Pacing::Envelope* out = message.add_envelopes();
    out->set_path(envelope.path);
    out->set_limit_micros(envelope.limit_micros);
    out->set_spent_micros(envelope.spent_micros);
    out->set_target_micros(envelope.target_micros);
    out->set_carried_micros(envelope.carried_micros);
    out->set_pressure(envelope.pressure);
    out->set_factor(envelope.factor);
    out->set_pass_share(envelope.pass_share);
  }
  return message.SerializeAsString();
}

template <>
absl::StatusOr<PacingRecord> Decode<PacingRecord>(absl::string_view payload) {
  wire::Pacing message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "pacing", &message));
  if (message.state() < static_cast<uint32_t>(PacingState::kBegins) ||
      message.state() > static_cast<uint32_t>(PacingState::kStale)) {
    return absl::DataLossError(absl::StrCat("a journal entry of kind pacing has the unknown state ",
                                            message.state(),
                                            "; start the newer program that wrote it"));
  }
  PacingRecord record;
  record.budget = std::move(*message.mutable_budget());
  record.state = static_cast<PacingState>(message.state());
  record.missed_arrivals = message.missed_arrivals();
  for (wire::Pacing::Envelope& envelope : *message.mutable_envelopes()) {
    record.envelopes.push_back({std::move(*envelope.mutable_path()), envelope.limit_micros(),
                                envelope.spent_micros(), envelope.target_micros(),
                                envelope.carried_micros(), envelope.pressure(), envelope.factor(),
                                envelope.pass_share()});
  }
  return record;
}

std::string Encode(const OperationRecord& record) {
  wire::Operation message;
  message.set_id(record.id);
  message.set_kind(record.kind);
  message.set_ended(record.ended);
  message.set_error(record.error);
  return message.SerializeAsString();
}

template <>
absl::StatusOr<OperationRecord> Decode<OperationRecord>(absl::string_view payload) {
  wire::Operation message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "operation", &message));
  OperationRecord record;
  record.id = std::move(*message.mutable_id());
  record.kind = std::move(*message.mutable_kind());
  record.ended = message.ended();
  record.error = std::move(*message.mutable_error());
  return record;
}

}  // namespace tenure::journal
