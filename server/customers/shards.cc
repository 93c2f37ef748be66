#include "server/customers/shards.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace tenure::customers {

void Shards::Publish(std::vector<Staged> staged) {
  std::sort(staged.begin(), staged.end(), [](const Staged& a, const Staged& b) {
    return std::make_pair(ShardOf(a.number), a.number) <
           std::make_pair(ShardOf(b.number), b.number);
  });
  for (size_t i = 0; i < staged.size();) {
    const size_t s = ShardOf(staged[i].number);
    Shard& shard = shards_[s];
    WriterLock lock(&shard.mutex);
    for (; i < staged.size() && ShardOf(staged[i].number) == s; ++i) {
      const size_t slot = SlotOf(staged[i].number);
      // What stood there goes back to the caller, to be freed outside the lock.
      if (slot < shard.states.size()) {
        std::swap(shard.states[slot], *staged[i].state);
      } else {
        TENURE_CHECK(slot == shard.states.size());
        shard.states.push_back(std::move(*staged[i].state));
      }
    }
  }
}

}  // namespace tenure::customers
