// States by place, which never move: blocks of them, so that a large population is found by a small
// table.
#ifndef TENURE_SERVER_CUSTOMERS_STATE_BLOCKS_H_
#define TENURE_SERVER_CUSTOMERS_STATE_BLOCKS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "server/customers/state.h"

namespace tenure::customers {

// Not thread-safe while written.
class StateBlocks {
 public:
  size_t size() const { return size_; }
  State& operator[](size_t i) { return (*blocks_[i / kBlock])[i % kBlock]; }
  const State& operator[](size_t i) const { return (*blocks_[i / kBlock])[i % kBlock]; }

  // An empty one.
  State* Add() {
    if (size_ == blocks_.size() * kBlock) blocks_.push_back(std::make_unique<Block>());
    return &(*this)[size_++];
  }
  // Empties it and keeps the memory of the first few blocks.
  void clear() {
    for (size_t i = 0; i < size_; ++i) {
      State& state = (*this)[i];
      std::destroy_at(&state);
      std::construct_at(&state);
    }
    size_ = 0;
    blocks_.resize(std::min(blocks_.size(), kBlocksKept));
  }

 private:
  static constexpr size_t kBlock = 64;
  static constexpr size_t kBlocksKept = 32;
  // From the start of a cache line on, so that a state lies in two lines, never in three.
  struct alignas(64) Block : std::array<State, kBlock> {};
  static_assert(sizeof(State) % 32 == 0);

  std::vector<std::unique_ptr<Block>> blocks_;
  size_t size_ = 0;
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_STATE_BLOCKS_H_
