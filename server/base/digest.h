// SHA-256 digests: names of rule sets, models and plugin builds.
#ifndef TENURE_SERVER_BASE_DIGEST_H_
#define TENURE_SERVER_BASE_DIGEST_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tenure {

// 64 lower-case hexadecimal digits. Thread-safe.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_DIGEST_H_
