#include "server/budget/packed_offers.h"

#include <sys/mman.h>

#include <memory>

#include "server/base/status.h"

namespace tenure::budget {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

PackedOffers::PackedOffers(const std::vector<uint32_t>& customers_of_node, uint32_t offers,
                           int64_t unit_micros)
    : offers_(offers), unit_micros_(unit_micros) {
  uint32_t block = 0;
  for (const uint32_t customers : customers_of_node) {
    first_.push_back(block);
    block += (customers + kLanes - 1) / kLanes;
  }
  first_.push_back(block);
  if (bytes() == 0) return;
  // Passes over all of it find their way faster through large pages, where the system has them.
  const size_t page = bytes() < kHugePage ? alignof(PackedGroup) : kHugePage;
  const size_t size = (bytes() + page - 1) / page * page;
  void* const memory = std::aligned_alloc(page, size);
  TENURE_CHECK(memory != nullptr);
  if (page == kHugePage) (void)madvise(memory, size, MADV_HUGEPAGE);
  groups_.reset(static_cast<PackedGroup*>(memory));
  std::uninitialized_value_construct_n(groups_.get(), bytes() / sizeof(PackedGroup));
}

}  // namespace tenure::budget
