// Hashes that are written down: buckets of holdouts, seeds of rows, fingerprints. XXH3 64 bit is a
// frozen format since xxHash 0.8, so that a value journaled today is the same on every machine and
// after every upgrade.
#ifndef TENURE_SERVER_BASE_HASH_H_
#define TENURE_SERVER_BASE_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace tenure {

// Thread-safe, all of them.
uint64_t StableHash(absl::string_view bytes, uint64_t seed = 0);

// Mixes two hashes; order matters.
uint64_t CombineHash(uint64_t a, uint64_t b);

// One of 10,000 buckets, version 1: StableHash(id, StableHash(salt)) scaled by its high bits.
// A customer's bucket under a salt never changes, so coverage can grow and keep earlier
// assignments: "below n" is what a holdout of n / 10,000 tests.
inline constexpr uint32_t kHashBuckets = 10'000;
uint32_t HashBucket(absl::string_view salt, absl::string_view id);

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_HASH_H_
