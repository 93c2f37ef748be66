#include "server/budget/packed_offers.h"

namespace tenure::budget {

PackedOffers::PackedOffers(const std::vector<uint32_t>& customers_of_node, uint32_t offers,
                           int64_t unit_micros)
    : offers_(offers), unit_micros_(unit_micros) {
  uint32_t block = 0;
  for (const uint32_t customers : customers_of_node) {
    first_.push_back(block);
    block += (customers + kLanes - 1) / kLanes;
  }
  first_.push_back(block);
  groups_.resize(size_t{block} * offers);
}

}  // namespace tenure::budget
