#include "server/api/event_conversion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/api/names.h"
#include "server/api/values.h"
#include "server/base/time.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;

// Between the earliest and the latest instant that an int64 of microseconds is sure to hold.
constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31

std::string TooLong(absl::string_view field, absl::string_view text, size_t bytes) {
  if (text.size() <= bytes) return {};
  return absl::StrCat(field, ": may have ", bytes, " bytes, has ", text.size());
}

template <typename Amounts>
std::string ConvertAmounts(absl::string_view kind, const Amounts& from, absl::string_view currency,
                           journal::EventRecord* out) {
  if (from.revenue_micros() < 0) {
    return absl::StrCat(kind, ".revenue_micros: must not be negative; a return is a refund");
  }
  if (!from.currency_code().empty() && from.currency_code() != currency) {
    return currency.empty()
               ? absl::StrCat(kind,
                              ".currency_code: no rule set is in force that says the currency")
               : absl::StrCat(kind, ".currency_code: the amounts of this server are in ", currency,
                              ", not ", from.currency_code());
  }
  out->amount_micros = from.revenue_micros();
  if (from.has_margin_micros()) out->margin_micros = from.margin_micros();
  return {};
}

std::string ConvertConsent(const v1::Consent& from, const Limits& limits,
                           journal::EventRecord* out) {
  if (from.channel().empty()) return "consent.channel: is required";
  std::string wrong = TooLong("consent.channel", from.channel(), limits.id_bytes);
  if (wrong.empty()) wrong = TooLong("consent.purpose", from.purpose(), limits.id_bytes);
  if (!wrong.empty()) return wrong;
  out->channel = from.channel();
  out->purpose = from.purpose().empty() ? "marketing" : from.purpose();
  switch (from.state()) {
    case v1::CONSENT_STATE_GRANTED:
      out->consent = journal::ConsentState::kGranted;
      return {};
    case v1::CONSENT_STATE_DENIED:
      out->consent = journal::ConsentState::kDenied;
      return {};
    case v1::CONSENT_STATE_REVOKED:
      out->consent = journal::ConsentState::kRevoked;
      return {};
    default:
      return "consent.state: must be GRANTED, DENIED or REVOKED";
  }
}

std::string ConvertAttributes(const v1::Attributes& from, const Limits& limits,
                              journal::EventRecord* out) {
  if (from.values().empty()) return "attributes.values: is required";
  if (static_cast<size_t>(from.values_size()) > limits.attributes_per_customer) {
    return absl::StrCat("attributes.values: at most ", limits.attributes_per_customer,
                        " attributes, has ", from.values_size());
  }
  for (const auto& [name, value] : from.values()) {
    const std::string field = absl::StrCat("attributes.values[", name, "]");
    if (name.empty() || name.size() > limits.id_bytes) {
      return absl::StrCat(field, ": the name must have 1 to ", limits.id_bytes, " bytes");
    }
    switch (value.kind_case()) {
      case v1::Value::kBoolValue:
        out->attributes.emplace_back(name, value.bool_value());
        break;
      case v1::Value::kIntValue:
        out->attributes.emplace_back(name, value.int_value());
        break;
      case v1::Value::kDoubleValue:
        if (!std::isfinite(value.double_value())) return absl::StrCat(field, ": must be finite");
        out->attributes.emplace_back(name, value.double_value());
        break;
      case v1::Value::kStringValue:
        if (value.string_value().size() > limits.attribute_value_bytes) {
          return TooLong(field, value.string_value(), limits.attribute_value_bytes);
        }
        out->attributes.emplace_back(name, value.string_value());
        break;
      default:
        return absl::StrCat(field, ": must be a bool, an int, a double or a string");
    }
  }
  std::sort(out->attributes.begin(), out->attributes.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return {};
}

std::string ConvertKind(const v1::Event& event, const Limits& limits, absl::string_view currency,
                        journal::EventRecord* out) {
  switch (event.kind_case()) {
    case v1::Event::kPurchase:
      out->type = journal::EventType::kPurchase;
      out->category = event.purchase().category();
      if (std::string wrong = TooLong("purchase.category", out->category, limits.id_bytes);
          !wrong.empty()) {
        return wrong;
      }
      return ConvertAmounts("purchase", event.purchase(), currency, out);
    case v1::Event::kRefund:
      out->type = journal::EventType::kRefund;
      return ConvertAmounts("refund", event.refund(), currency, out);
    case v1::Event::kEngagement:
      out->type = journal::EventType::kEngagement;
      out->channel = event.engagement().channel();
      return TooLong("engagement.channel", out->channel, limits.id_bytes);
    case v1::Event::kConsent:
      out->type = journal::EventType::kConsent;
      return ConvertConsent(event.consent(), limits, out);
    case v1::Event::kAttributes:
      out->type = journal::EventType::kAttributes;
      return ConvertAttributes(event.attributes(), limits, out);
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return "kind: one of purchase, refund, engagement, consent, attributes is required";
}

}  // namespace

std::string ConvertEvent(const v1::Event& event, const Limits& limits, absl::string_view currency,
                         int64_t now_us, journal::EventRecord* out) {
  Violations violations;
  CheckText("id", event.id(), limits.id_bytes, &violations);
  CheckText("source", event.source(), limits.id_bytes, &violations);
  const absl::string_view customer =
      ParseName("customer", kCustomers, event.customer(), limits.id_bytes, &violations);
  if (!violations.empty()) return std::string(violations.ToStatus().message());
  const int64_t seconds = event.event_time().seconds();
  if (seconds < kFirstSecond || seconds > kLastSecond) {
    return "event_time: must lie in the years 1 to 9999";
  }
  if (event.event_time().nanos() < 0 || event.event_time().nanos() > 999'999'999) {
    return "event_time.nanos: must be 0 to 999,999,999";
  }
  out->happened_us = event.has_event_time() ? MicrosOf(event.event_time()) : now_us;
  out->event_id = event.id();
  out->source = event.source();
  out->customer_id = std::string(customer);
  return ConvertKind(event, limits, currency, out);
}

}  // namespace tenure::api
