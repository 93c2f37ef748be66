// What an event must be to enter the journal.
#ifndef TENURE_SERVER_ENGINE_EVENT_CHECK_H_
#define TENURE_SERVER_ENGINE_EVENT_CHECK_H_

#include <cstdint>
#include <string>

#include "server/base/limits.h"
#include "server/journal/records.h"

namespace tenure::engine {

// Why the event is refused, naming the field; empty when it is right. Thread-safe.
std::string WhyRejected(const journal::EventRecord& event, int64_t now_us, const Limits& limits);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_EVENT_CHECK_H_
