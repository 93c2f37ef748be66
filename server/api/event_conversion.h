// Events, from the contract's words to the journal's.
#ifndef TENURE_SERVER_API_EVENT_CONVERSION_H_
#define TENURE_SERVER_API_EVENT_CONVERSION_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/limits.h"
#include "server/journal/records.h"
#include "tenure/v1/customer.pb.h"

namespace tenure::api {

// Fills `out`; empty when the event is well formed, else what is wrong with it, naming the field
// and the remedy. An event that happened after `now_us` and a minute (clocks differ) is refused,
// and so are amounts in another currency than the rule set's (empty: none is in force).
// Thread-safe.
std::string ConvertEvent(const tenure::v1::Event& event, const Limits& limits,
                         absl::string_view currency, int64_t now_us, journal::EventRecord* out);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_EVENT_CONVERSION_H_
