#include "server/customers/shards.h"

#include <vector>

namespace tenure::customers {

void Shards::Publish(absl::Span<const Staged> staged) {
  std::array<size_t, kShards + 1> first{};
  for (const Staged& one : staged) ++first[ShardOf(one.number) + 1];
  for (size_t s = 0; s < kShards; ++s) first[s + 1] += first[s];
  std::vector<Staged> sorted(staged.size());
  std::array<size_t, kShards + 1> next = first;
  for (const Staged& one : staged) sorted[next[ShardOf(one.number)]++] = one;
  for (size_t s = 0; s < kShards; ++s) {
    if (first[s] == first[s + 1]) continue;
    Shard& shard = shards_[s];
    WriterLock lock(&shard.mutex);
    for (size_t i = first[s]; i < first[s + 1]; ++i) {
      const size_t slot = SlotOf(sorted[i].number);
      State& state = *sorted[i].state;
      if (slot < shard.states.size()) {
        // What stood there goes back to the caller, to be freed outside the lock.
        State& published = shard.states[slot];
        state.TakeFrom(&published);
        published.Swap(&state);
      } else {
        TENURE_CHECK(slot == shard.states.size());
        shard.states.Add()->Swap(&state);
      }
    }
  }
}

}  // namespace tenure::customers
