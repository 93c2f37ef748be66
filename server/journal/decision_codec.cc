// Decisions and what becomes of their holds.
#include <utility>

#include "server/base/status.h"
#include "server/journal/codec.h"
#include "server/journal/records.h"

namespace tenure::journal {
namespace {

void EncodeCandidate(const CandidateRecord& record, wire::Candidate* out) {
  out->set_campaign(static_cast<uint32_t>(record.campaign));
  out->set_offer_plus_1(static_cast<uint32_t>(record.offer + 1));
  out->set_outcome(static_cast<uint32_t>(record.outcome));
  out->set_gate(static_cast<uint32_t>(record.gate));
  out->set_text(record.text);
  out->set_until_us(record.until_us);
  out->set_gross_value(record.gross_value);
  out->set_value_stderr(record.value_stderr);
  out->set_p_baseline(record.p_baseline);
  out->set_p_treated(record.p_treated);
  out->set_expected_cost(record.expected_cost);
  out->set_liability_micros(record.liability_micros);
  out->set_basis(record.basis);
  out->set_score(record.score);
  out->set_budget_price(record.budget_price);
  out->set_slot_price(record.slot_price);
  out->set_winning_score(record.winning_score);
  out->set_lost_to_campaign_plus_1(static_cast<uint32_t>(record.lost_to_campaign + 1));
}

CandidateRecord DecodeCandidate(wire::Candidate* in) {
  CandidateRecord record;
  record.campaign = static_cast<int32_t>(in->campaign());
  record.offer = static_cast<int32_t>(in->offer_plus_1()) - 1;
  record.outcome = static_cast<Outcome>(in->outcome());
  record.gate = static_cast<Gate>(in->gate());
  record.text = std::move(*in->mutable_text());
  record.until_us = in->until_us();
  record.gross_value = in->gross_value();
  record.value_stderr = in->value_stderr();
  record.p_baseline = in->p_baseline();
  record.p_treated = in->p_treated();
  record.expected_cost = in->expected_cost();
  record.liability_micros = in->liability_micros();
  record.basis = static_cast<uint8_t>(in->basis());
  record.score = in->score();
  record.budget_price = in->budget_price();
  record.slot_price = in->slot_price();
  record.winning_score = in->winning_score();
  record.lost_to_campaign = static_cast<int32_t>(in->lost_to_campaign_plus_1()) - 1;
  return record;
}

void EncodeSelection(const SelectionRecord& record, wire::Selection* out) {
  out->set_candidate(record.candidate);
  out->set_hold_id(record.hold_id);
  out->set_held_micros(record.held_micros);
  out->set_expires_us(record.expires_us);
  out->set_budget_node(record.budget_node);
}

SelectionRecord DecodeSelection(wire::Selection* in) {
  SelectionRecord record;
  record.candidate = in->candidate();
  record.hold_id = in->hold_id();
  record.held_micros = in->held_micros();
  record.expires_us = in->expires_us();
  record.budget_node = std::move(*in->mutable_budget_node());
  return record;
}

}  // namespace

std::string Encode(const DecisionRecord& record) {
  wire::Decision message;
  EncodeRequest(record, message.mutable_request());
  message.set_customer_id(record.customer_id);
  message.set_seed(record.seed);
  message.set_asked_us(record.asked_us);
  message.set_rule_set(record.rule_set);
  message.set_plan(record.plan);
  message.set_model(record.model);
  message.set_stage(record.stage);
  message.set_tier(record.tier);
  for (const std::string& segment : record.segments) message.add_segments(segment);
  message.set_features(record.features);
  for (const CandidateRecord& candidate : record.candidates) {
    EncodeCandidate(candidate, message.add_candidates());
  }
  for (const SelectionRecord& selection : record.selections) {
    EncodeSelection(selection, message.add_selections());
  }
  for (const SelectionRecord& ghost : record.ghosts) EncodeSelection(ghost, message.add_ghosts());
  return message.SerializeAsString();
}

template <>
absl::StatusOr<DecisionRecord> Decode<DecisionRecord>(absl::string_view payload) {
  wire::Decision message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "decision", &message));
  DecisionRecord record;
  DecodeRequest(message.mutable_request(), &record);
  record.customer_id = std::move(*message.mutable_customer_id());
  record.seed = message.seed();
  record.asked_us = message.asked_us();
  record.rule_set = std::move(*message.mutable_rule_set());
  record.plan = std::move(*message.mutable_plan());
  record.model = std::move(*message.mutable_model());
  record.stage = std::move(*message.mutable_stage());
  record.tier = std::move(*message.mutable_tier());
  for (std::string& segment : *message.mutable_segments()) {
    record.segments.push_back(std::move(segment));
  }
  record.features = std::move(*message.mutable_features());
  for (wire::Candidate& candidate : *message.mutable_candidates()) {
    record.candidates.push_back(DecodeCandidate(&candidate));
  }
  for (wire::Selection& selection : *message.mutable_selections()) {
    record.selections.push_back(DecodeSelection(&selection));
  }
  for (wire::Selection& ghost : *message.mutable_ghosts()) {
    record.ghosts.push_back(DecodeSelection(&ghost));
  }
  return record;
}

std::string Encode(const HoldRecord& record) {
  wire::Hold message;
  message.set_hold_id(record.hold_id);
  message.set_change(static_cast<uint32_t>(record.change));
  message.set_actual_micros(record.actual_micros);
  EncodeRequest(record, message.mutable_request());
  return message.SerializeAsString();
}

template <>
absl::StatusOr<HoldRecord> Decode<HoldRecord>(absl::string_view payload) {
  wire::Hold message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "hold", &message));
  HoldRecord record;
  record.hold_id = message.hold_id();
  record.change = static_cast<HoldChange>(message.change());
  record.actual_micros = message.actual_micros();
  DecodeRequest(message.mutable_request(), &record);
  return record;
}

}  // namespace tenure::journal
