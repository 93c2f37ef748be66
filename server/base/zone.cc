#include "server/base/zone.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tenure {
namespace {

constexpr size_t kLongestName = 64;

// Names are files below the zone folder: nothing that leaves it, and nothing that the machine's
// owner points elsewhere. "posix/" and "right/" are second copies that not every machine has.
bool IsPortable(absl::string_view name) {
  if (name.empty() || name.size() > kLongestName || name.front() == '/' ||
      absl::StrContains(name, "..")) {
    return false;
  }
  if (name == "localtime" || name == "posixrules" || absl::StartsWith(name, "posix/") ||
      absl::StartsWith(name, "right/")) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::StrContains("/_+-", absl::string_view(&c, 1));
  });
}

}  // namespace

absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name) {
  absl::TimeZone zone;
  if (IsPortable(name) && absl::LoadTimeZone(name, &zone)) return zone;
  return absl::NotFoundError(
      absl::StrCat("unknown time zone \"", name, "\"; write an IANA name such as Europe/Berlin"));
}

}  // namespace tenure
