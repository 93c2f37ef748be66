#include "server/clv/alike_blocks.h"

#include <algorithm>

namespace tenure::clv {
namespace {

// Frequencies from here on are a bucket together, whose customers come one by one.
constexpr size_t kBuckets = 512;

size_t BucketOf(const History& history) {
  return static_cast<size_t>(std::min(history.frequency, double{kBuckets - 1}));
}

}  // namespace

// A counting sort, which keeps the order of the equal.
void AlikeBlocks::SortBlock() {
  const absl::Span<const History> block = all_.subspan(next_, kMostRows);
  starts_.assign(kBuckets + 1, 0);
  for (const History& history : block) ++starts_[BucketOf(history) + 1];
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) starts_[bucket + 1] += starts_[bucket];
  sorted_.resize(block.size());
  rows_.resize(block.size());
  for (size_t i = 0; i < block.size(); ++i) {
    const uint32_t at = starts_[BucketOf(block[i])]++;
    sorted_[at] = block[i];
    rows_[at] = static_cast<uint32_t>(next_ + i);
  }
  next_ += block.size();
}

bool AlikeBlocks::Next() {
  begin_ = end_;
  if (begin_ == sorted_.size()) {
    if (next_ == all_.size()) return false;
    SortBlock();
    begin_ = 0;
  }
  const double frequency = sorted_[begin_].frequency;
  end_ = begin_ + 1;
  while (end_ < sorted_.size() && sorted_[end_].frequency == frequency) ++end_;
  return true;
}

}  // namespace tenure::clv
