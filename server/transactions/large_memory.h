// Memory of tables that are gone through at random: in huge pages where the system has them, so
// that looking a place up misses the processor's list of pages less often, and first touching it
// costs one fault for 2 MiB, not 512.
#ifndef TENURE_SERVER_TRANSACTIONS_LARGE_MEMORY_H_
#define TENURE_SERVER_TRANSACTIONS_LARGE_MEMORY_H_

#include <cstddef>
#include <memory>
#include <type_traits>

namespace tenure::transactions {

// Given back by FreeLarge. Less than a huge page is ordinary memory.
void* AllocateLarge(size_t bytes);

struct FreeLarge {
  void operator()(void* memory) const;
};

template <typename T>
using LargeArray = std::unique_ptr<T[], FreeLarge>;

// Not filled with anything.
template <typename T>
LargeArray<T> MakeLargeArray(size_t size) {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  return LargeArray<T>(static_cast<T*>(AllocateLarge(size * sizeof(T))));
}

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_LARGE_MEMORY_H_
