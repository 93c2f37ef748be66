// Offers of a whole population in eight bytes each.
#ifndef TENURE_SERVER_BUDGET_PACKED_OFFERS_H_
#define TENURE_SERVER_BUDGET_PACKED_OFFERS_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace tenure::budget {

// One offer of eight customers: a cache line.
struct alignas(64) PackedGroup {
  float value[8];    // net of the cost, units of the currency; <= 0: no offer
  uint32_t cost[8];  // in PackedOffers::unit_micros
};

// Customers stand by the node they are charged to, nodes in order; within a node in any order that
// the caller keeps to (ties are settled by it). Each node's customers begin a block of eight, the
// places left over are nobody's. Not thread-safe while it is filled.
class PackedOffers {
 public:
  static constexpr uint32_t kLanes = 8;
  static constexpr uint32_t kMostOffers = 255;
  static constexpr uint32_t kMostCost = (uint32_t{1} << 31) - 1;

  // `customers_of_node[n]` customers are charged to node n; each has up to `offers` offers
  // (<= kMostOffers); costs are multiples of `unit_micros` (>= 1). No offers yet.
  PackedOffers(const std::vector<uint32_t>& customers_of_node, uint32_t offers,
               int64_t unit_micros);

  // The place of a node's k-th customer.
  uint32_t Place(size_t node, uint32_t k) const { return first_[node] * kLanes + k; }
  // `cost` <= kMostCost.
  void Set(uint32_t place, uint32_t offer, uint32_t cost, float value) {
    PackedGroup& group = groups_[size_t{place / kLanes} * offers_ + offer];
    group.value[place % kLanes] = value;
    group.cost[place % kLanes] = cost;
  }

  float value(uint32_t place, uint32_t offer) const {
    return groups_[size_t{place / kLanes} * offers_ + offer].value[place % kLanes];
  }
  uint32_t cost(uint32_t place, uint32_t offer) const {
    return groups_[size_t{place / kLanes} * offers_ + offer].cost[place % kLanes];
  }

  size_t nodes() const { return first_.size() - 1; }
  uint32_t offers() const { return offers_; }
  int64_t unit_micros() const { return unit_micros_; }
  // Blocks of eight places; those of node n are [first_block(n), first_block(n + 1)).
  uint32_t first_block(size_t node) const { return first_[node]; }
  uint32_t blocks() const { return first_.back(); }
  uint32_t places() const { return blocks() * kLanes; }
  // The block's groups, one an offer.
  const PackedGroup* block(uint32_t block) const { return &groups_[size_t{block} * offers_]; }
  size_t bytes() const { return size_t{blocks()} * offers_ * sizeof(PackedGroup); }

 private:
  std::vector<uint32_t> first_;
  uint32_t offers_;
  int64_t unit_micros_;
  struct Free {
    void operator()(PackedGroup* groups) const { std::free(groups); }
  };
  std::unique_ptr<PackedGroup[], Free> groups_;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_OFFERS_H_
