#include "server/base/hash.h"

// Most of what is hashed is 16 bytes: less work than the call.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace tenure {

uint64_t StableHash(absl::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

uint64_t CombineHash(uint64_t a, uint64_t b) {
  unsigned char both[16];
  for (int i = 0; i < 8; ++i) {
    both[i] = static_cast<unsigned char>(a >> (8 * i));
    both[8 + i] = static_cast<unsigned char>(b >> (8 * i));
  }
  return XXH3_64bits(both, sizeof(both));
}

uint32_t HashBucket(absl::string_view salt, absl::string_view id) {
  const uint64_t hash = StableHash(id, StableHash(salt));
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint32_t>((static_cast<Wide>(hash) * kHashBuckets) >> 64);
}

}  // namespace tenure
