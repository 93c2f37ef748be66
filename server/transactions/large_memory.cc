#include "server/transactions/large_memory.h"

#include <sys/mman.h>

#include <cstdlib>

#include "server/base/status.h"

namespace tenure::transactions {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kCacheLine = 64;

}  // namespace

void* AllocateLarge(size_t bytes) {
  const size_t alignment = bytes < kHugePage ? kCacheLine : kHugePage;
  const size_t whole = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, whole);
  TENURE_CHECK(memory != nullptr || whole == 0);
#if defined(MADV_HUGEPAGE)
  // A system without them says no, and nothing is lost.
  if (alignment == kHugePage) madvise(memory, whole, MADV_HUGEPAGE);
#endif
  return memory;
}

void FreeLarge::operator()(void* memory) const { std::free(memory); }

}  // namespace tenure::transactions
