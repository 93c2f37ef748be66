// Decisions and what becomes of their holds.
#include <utility>
#include <vector>

#include "server/base/status.h"
#include "server/journal/candidate_codec.h"
#include "server/journal/codec.h"
#include "server/journal/records.h"

namespace tenure::journal {
namespace {

void EncodeSelection(const SelectionRecord& record, wire::Selection* out) {
  out->set_candidate(record.candidate);
  out->set_hold_id(record.hold_id);
  out->set_held_micros(record.held_micros);
  out->set_expires_us(record.expires_us);
  out->set_budget_node(record.budget_node);
  out->set_lot_probability(record.lot_probability);
  out->set_asked_micros(record.asked_micros);
  out->set_coupon_micros(record.coupon_micros);
  out->set_coupon_expires_us(record.coupon_expires_us);
}

template <typename Selections>
absl::Status DecodeSelections(Selections* in, const DecisionRecord& record,
                              std::vector<SelectionRecord>* out) {
  for (wire::Selection& from : *in) {
    if (from.candidate() < 0 || static_cast<size_t>(from.candidate()) >= record.candidates.size()) {
      return absl::DataLossError(
          "a journal entry of kind decision selects a candidate that it has not; restore the "
          "journal from a backup");
    }
    out->push_back({from.candidate(), from.hold_id(), from.held_micros(), from.expires_us(),
                    std::move(*from.mutable_budget_node()), from.asked_micros(),
                    from.coupon_micros(), from.coupon_expires_us(), from.lot_probability()});
  }
  return absl::OkStatus();
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
  EncodeCandidates(record, &message);
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
  TENURE_RETURN_IF_ERROR(DecodeCandidates(&message, &record));
  TENURE_RETURN_IF_ERROR(
      DecodeSelections(message.mutable_selections(), record, &record.selections));
  TENURE_RETURN_IF_ERROR(DecodeSelections(message.mutable_ghosts(), record, &record.ghosts));
  return record;
}

std::string Encode(const HoldRecord& record) {
  wire::Hold message;
  message.set_hold_id(record.hold_id);
  message.set_change(static_cast<uint32_t>(record.change));
  message.set_actual_micros(record.actual_micros);
  message.set_refunded_micros(record.refunded_micros);
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
  record.refunded_micros = message.refunded_micros();
  DecodeRequest(message.mutable_request(), &record);
  return record;
}

std::string Encode(const RedemptionRecord& record) {
  wire::Redemption message;
  message.set_coupon_id(record.coupon_id);
  message.set_held_micros(record.held_micros);
  message.set_expires_us(record.expires_us);
  message.set_budget_node(record.budget_node);
  EncodeRequest(record, message.mutable_request());
  return message.SerializeAsString();
}

template <>
absl::StatusOr<RedemptionRecord> Decode<RedemptionRecord>(absl::string_view payload) {
  wire::Redemption message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "redemption", &message));
  RedemptionRecord record;
  record.coupon_id = message.coupon_id();
  record.held_micros = message.held_micros();
  record.expires_us = message.expires_us();
  record.budget_node = std::move(*message.mutable_budget_node());
  DecodeRequest(message.mutable_request(), &record);
  return record;
}

}  // namespace tenure::journal
