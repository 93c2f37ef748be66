// The ABI's growing structs, as a policy reads them: made by a host that is older or newer than
// this header (S2).
#ifndef TENURE_PLUGINS_SDK_GROWING_H_
#define TENURE_PLUGINS_SDK_GROWING_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "plugins/abi/tenure_plugin.h"

namespace tenure::sdk {

// The size of what every host of major 1 has: a struct of less is no host's.
template <typename T>
inline constexpr uint64_t kFirstSize = 0;
template <>
inline constexpr uint64_t kFirstSize<tenure_offer> = 72;
template <>
inline constexpr uint64_t kFirstSize<tenure_policy_config> = 40;
template <>
inline constexpr uint64_t kFirstSize<tenure_batch> = 80;
template <>
inline constexpr uint64_t kFirstSize<tenure_result> = 88;

// Copies `given`: what an older host does not have is zero. False for what a newer one added and
// set, which this build can't honour, and for less than the first minor had.
template <typename T>
bool ReadGrowing(const T* given, T* out) {
  const uint64_t size = given->struct_size;
  if (size < std::max<uint64_t>(kFirstSize<T>, sizeof size)) return false;
  std::memset(static_cast<void*>(out), 0, sizeof(T));
  std::memcpy(static_cast<void*>(out), given, std::min<uint64_t>(size, sizeof(T)));
  const char* bytes = reinterpret_cast<const char*>(given);
  for (uint64_t i = sizeof(T); i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_GROWING_H_
