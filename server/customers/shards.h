// Where the population's state lies: customers by number over shards, each with its lock.
#ifndef TENURE_SERVER_CUSTOMERS_SHARDS_H_
#define TENURE_SERVER_CUSTOMERS_SHARDS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "server/base/day_calendar.h"
#include "server/base/mutex.h"
#include "server/base/status.h"
#include "server/customers/binding.h"
#include "server/customers/id_index.h"
#include "server/customers/names.h"
#include "server/customers/schedule.h"
#include "server/customers/stages.h"
#include "server/customers/state.h"
#include "server/customers/state_blocks.h"

namespace tenure::customers {

// One thread writes; it alone may read without a lock (Published).
class Shards {
 public:
  Names names;
  IdIndex ids;
  Bindings bindings;
  StageScratch stage_scratch;  // of the writer's thread
  Schedule schedule;           // likewise

  uint32_t size() const { return size_.load(std::memory_order_acquire); }
  // Of the purchases of new customers.
  const DayCalendar& days() const { return *days_.load(std::memory_order_acquire); }
  // Before Publish of who is counted by them.
  void SetDays(const DayCalendar& days) { days_.store(&days, std::memory_order_release); }

  // Calls `read(const State&)` under the shard's lock; keep it short.
  template <typename Read>
  void ReadState(uint32_t number, const Read& read) const {
    const Shard& shard = shards_[ShardOf(number)];
    ReaderLock lock(&shard.mutex);
    TENURE_CHECK(SlotOf(number) < shard.states.size());
    read(shard.states[SlotOf(number)]);
  }

  // Writer's thread only.
  const State& Published(uint32_t number) const {
    return shards_[ShardOf(number)].states[SlotOf(number)];
  }
  // Swaps or appends states, shard by shard: those to be appended by number. What replaces another
  // may have borrowed from it.
  struct Staged {
    uint32_t number;
    State* state;
  };
  void Publish(absl::Span<const Staged> staged);
  // After Publish: the numbers up to `size` exist.
  void Grow(uint32_t size) { size_.store(size, std::memory_order_release); }

 private:
  static constexpr uint32_t kShards = 64;
  static size_t ShardOf(uint32_t number) { return (number - 1) % kShards; }
  static size_t SlotOf(uint32_t number) { return (number - 1) / kShards; }

  struct Shard {
    mutable SharedMutex mutex;
    StateBlocks states;  // written under the lock, by one thread
  };
  std::array<Shard, kShards> shards_;
  std::atomic<uint32_t> size_{0};
  std::atomic<const DayCalendar*> days_{&DayCalendar::Utc()};
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_SHARDS_H_
