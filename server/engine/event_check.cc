#include "server/engine/event_check.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/time.h"

namespace tenure::engine {
namespace {

// Clocks of the sources may run ahead of ours by as much.
constexpr int64_t kAheadUs = 60 * kMicrosPerSecond;
// A billion units: thousands of such orders fit the sum of one customer, and of an int64.
constexpr int64_t kMaxAmountMicros = 1'000'000'000'000'000;

std::string WhyIdRejected(const char* field, const std::string& id, const Limits& limits) {
  if (id.empty()) return absl::StrCat(field, " is empty");
  if (id.size() > limits.id_bytes) {
    return absl::StrCat(field, " has ", id.size(), " bytes, the limit is ", limits.id_bytes);
  }
  return "";
}

std::string WhyAttributeRejected(const std::string& name, const journal::AttributeValue& value,
                                 const Limits& limits) {
  if (std::string why = WhyIdRejected("an attribute's name", name, limits); !why.empty()) {
    return why;
  }
  const std::string* text = std::get_if<std::string>(&value);
  if (text != nullptr && text->size() > limits.attribute_value_bytes) {
    return absl::StrCat("attribute \"", name, "\" has ", text->size(), " bytes, the limit is ",
                        limits.attribute_value_bytes);
  }
  const double* number = std::get_if<double>(&value);
  if (number != nullptr && !std::isfinite(*number)) {
    return absl::StrCat("attribute \"", name, "\" is not a finite number");
  }
  return "";
}

}  // namespace

std::string WhyRejected(const journal::EventRecord& event, int64_t now_us, const Limits& limits) {
  for (const auto& [field, id] :
       {std::pair<const char*, const std::string&>("source", event.source),
        {"event_id", event.event_id},
        {"customer_id", event.customer_id}}) {
    if (std::string why = WhyIdRejected(field, id, limits); !why.empty()) return why;
  }
  if (event.type < journal::EventType::kPurchase || event.type > journal::EventType::kAttributes) {
    return "type is unknown";
  }
  if (event.amount_micros < 0) return "amount is negative; a refund's amount is positive too";
  const int64_t margin = event.margin_micros.value_or(0);
  if (event.amount_micros > kMaxAmountMicros || margin > kMaxAmountMicros ||
      margin < -kMaxAmountMicros) {
    return absl::StrCat("the amount or its margin is beyond ", DisplayMicros(kMaxAmountMicros));
  }
  if (event.happened_us > now_us + kAheadUs) {
    return absl::StrCat("event_time ", FormatInstant(event.happened_us),
                        " is in the future: more than a minute ahead of the server's clock, ",
                        FormatInstant(now_us));
  }
  if (event.type == journal::EventType::kConsent &&
      (event.channel.empty() || event.purpose.empty())) {
    return "a consent needs its channel and its purpose";
  }
  if (event.attributes.size() > limits.attributes_per_customer) {
    return absl::StrCat(event.attributes.size(), " attributes, the limit is ",
                        limits.attributes_per_customer);
  }
  for (const auto& [name, value] : event.attributes) {
    if (std::string why = WhyAttributeRejected(name, value, limits); !why.empty()) return why;
  }
  return "";
}

}  // namespace tenure::engine
