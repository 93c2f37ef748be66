// Customers regrouped so that those of one frequency come together, which then share their work;
// block by block, so that memory is still passed once and in its order.
#ifndef TENURE_SERVER_CLV_ALIKE_BLOCKS_H_
#define TENURE_SERVER_CLV_ALIKE_BLOCKS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "server/clv/history.h"

namespace tenure::clv {

// Not thread-safe. The histories must outlive it.
class AlikeBlocks {
 public:
  static constexpr size_t kMostRows = 8'192;

  explicit AlikeBlocks(absl::Span<const History> histories) : all_(histories) {}

  // The next customers of one frequency; false after the last. Each customer comes once.
  bool Next();
  // Theirs, valid until the next call; at most kMostRows.
  absl::Span<const History> histories() const {
    return absl::MakeConstSpan(sorted_).subspan(begin_, end_ - begin_);
  }
  // Their indices.
  absl::Span<const uint32_t> rows() const {
    return absl::MakeConstSpan(rows_).subspan(begin_, end_ - begin_);
  }

 private:
  void SortBlock();

  const absl::Span<const History> all_;
  size_t next_ = 0;               // the first that is in no block yet
  size_t begin_ = 0, end_ = 0;    // in the block
  std::vector<History> sorted_;   // the block
  std::vector<uint32_t> rows_;    //
  std::vector<uint32_t> starts_;  // of each frequency
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_ALIKE_BLOCKS_H_
