// Time zones by name, the same on every machine.
#ifndef TENURE_SERVER_BASE_ZONE_H_
#define TENURE_SERVER_BASE_ZONE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tenure {

// The zone of an IANA name such as Europe/Berlin. NOT_FOUND with what to write instead, also for
// names that mean something else on each machine ("localtime", "posixrules", "libc:…", paths).
// Thread-safe.
absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name);

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_ZONE_H_
