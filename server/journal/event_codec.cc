// Events: the hot ones, one per purchase, visit or consent.
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/journal/codec.h"
#include "server/journal/records.h"

namespace tenure::journal {
namespace {

// Writes the wire format of records.proto as the generated code would, field by field in order of
// their numbers and what is empty left out, but straight from the record: events are the hot ones.
class WireWriter {
 public:
  explicit WireWriter(std::string* out) : out_(*out) {}

  void Varint(uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  void Key(uint32_t field, uint32_t type) { Varint(field << 3 | type); }
  void Unsigned(uint32_t field, uint64_t value) {
    if (value == 0) return;
    Key(field, kVarint);
    Varint(value);
  }
  void Signed(uint32_t field, int64_t value, bool even_zero = false) {
    if (value == 0 && !even_zero) return;
    Key(field, kVarint);
    Varint(ZigZag(value));
  }
  void Bytes(uint32_t field, absl::string_view bytes, bool even_empty = false) {
    if (bytes.empty() && !even_empty) return;
    Key(field, kLength);
    Varint(bytes.size());
    out_.append(bytes.data(), bytes.size());
  }
  void Double(uint32_t field, double value) {
    Key(field, kFixed64);
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) out_.push_back(static_cast<char>(bits >> shift));
  }

 private:
  static constexpr uint32_t kVarint = 0, kFixed64 = 1, kLength = 2;
  static uint64_t ZigZag(int64_t value) {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  }

  std::string& out_;
};

// Members of a oneof are written whatever they are.
struct WriteValue {
  WireWriter* out;
  void operator()(bool value) const {
    out->Key(2, 0);
    out->Varint(value ? 1 : 0);
  }
  void operator()(int64_t value) const { out->Signed(3, value, /*even_zero=*/true); }
  void operator()(double value) const { out->Double(4, value); }
  void operator()(const std::string& value) const { out->Bytes(5, value, /*even_empty=*/true); }
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
  std::string payload;
  // Six numbers, and a key and a length for each text.
  payload.reserve(64 + record.source.size() + record.event_id.size() + record.customer_id.size() +
                  record.category.size() + record.channel.size() + record.purpose.size());
  WireWriter out(&payload);
  out.Bytes(1, record.source);
  out.Bytes(2, record.event_id);
  out.Bytes(3, record.customer_id);
  out.Unsigned(4, static_cast<uint64_t>(record.type));
  out.Signed(5, record.happened_us);
  out.Signed(6, record.amount_micros);
  if (record.margin_micros.has_value()) out.Signed(7, *record.margin_micros, /*even_zero=*/true);
  out.Bytes(8, record.category);
  out.Bytes(9, record.channel);
  out.Bytes(10, record.purpose);
  out.Unsigned(11, static_cast<uint64_t>(record.consent));
  std::string one;
  for (const auto& [name, value] : record.attributes) {
    one.clear();
    WireWriter attribute(&one);
    attribute.Bytes(1, name);
    std::visit(WriteValue{&attribute}, value);
    out.Bytes(12, one, /*even_empty=*/true);
  }
  return payload;
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
