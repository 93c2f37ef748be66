// Events: the hot ones, one per purchase, visit or consent.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/journal/codec.h"
#include "server/journal/records.h"

namespace tenure::journal {
namespace {

struct SetValue {
  wire::Attribute* out;
  void operator()(bool value) const { out->set_bool_value(value); }
  void operator()(int64_t value) const { out->set_int_value(value); }
  void operator()(double value) const { out->set_double_value(value); }
  void operator()(const std::string& value) const { out->set_string_value(value); }
};

AttributeValue ValueOf(wire::Attribute* attribute) {
  switch (attribute->value_case()) {
    case wire::Attribute::kBoolValue:
      return attribute->bool_value();
    case wire::Attribute::kIntValue:
      return static_cast<int64_t>(attribute->int_value());
    case wire::Attribute::kDoubleValue:
      return attribute->double_value();
    default:
      return std::move(*attribute->mutable_string_value());
  }
}

}  // namespace

std::string Encode(const EventRecord& record) {
  wire::Event message;
  message.set_source(record.source);
  message.set_event_id(record.event_id);
  message.set_customer_id(record.customer_id);
  message.set_type(static_cast<uint32_t>(record.type));
  message.set_happened_us(record.happened_us);
  message.set_amount_micros(record.amount_micros);
  if (record.margin_micros.has_value()) message.set_margin_micros(*record.margin_micros);
  message.set_category(record.category);
  message.set_channel(record.channel);
  message.set_purpose(record.purpose);
  message.set_consent(static_cast<uint32_t>(record.consent));
  for (const auto& [name, value] : record.attributes) {
    wire::Attribute* attribute = message.add_attributes();
    attribute->set_name(name);
    std::visit(SetValue{attribute}, value);
  }
  return message.SerializeAsString();
}

template <>
absl::StatusOr<EventRecord> Decode<EventRecord>(absl::string_view payload) {
  wire::Event message;
  TENURE_RETURN_IF_ERROR(Parse(payload, "event", &message));
  EventRecord record;
  record.source = std::move(*message.mutable_source());
  record.event_id = std::move(*message.mutable_event_id());
  record.customer_id = std::move(*message.mutable_customer_id());
  record.type = static_cast<EventType>(message.type());
  record.happened_us = message.happened_us();
  record.amount_micros = message.amount_micros();
  if (message.has_margin_micros()) record.margin_micros = message.margin_micros();
  record.category = std::move(*message.mutable_category());
  record.channel = std::move(*message.mutable_channel());
  record.purpose = std::move(*message.mutable_purpose());
  record.consent = static_cast<ConsentState>(message.consent());
  record.attributes.reserve(static_cast<size_t>(message.attributes_size()));
  for (wire::Attribute& attribute : *message.mutable_attributes()) {
    AttributeValue value = ValueOf(&attribute);
    record.attributes.emplace_back(std::move(*attribute.mutable_name()), std::move(value));
  }
  return record;
}

}  // namespace tenure::journal
