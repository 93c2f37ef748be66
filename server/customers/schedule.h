// When each customer's stages have to be evaluated next, and who waits for it.
#ifndef TENURE_SERVER_CUSTOMERS_SCHEDULE_H_
#define TENURE_SERVER_CUSTOMERS_SCHEDULE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "absl/types/span.h"

namespace tenure::customers {

// Who was touched is due with the next tick, whoever else at an instant that the last evaluation
// has found. Those instants stand in a wheel of hours; one that becomes later stays where it is and
// is moved on when its hour comes. Customers are numbers from 1 on. The writer's thread only.
class Schedule {
 public:
  // Seconds since 1970; instants are rounded down.
  using Seconds = uint32_t;
  static constexpr Seconds kNextTick = 0;
  static constexpr Seconds kNever = std::numeric_limits<Seconds>::max();
  static Seconds SecondsOf(int64_t at_us);

  // One that is new is touched.
  void Grow(uint32_t size);
  void Touch(uint32_t customer);
  void Set(uint32_t customer, Seconds due);
  Seconds DueOf(uint32_t customer) const { return slots_[customer - 1].due; }
  // Of one that is there: Touch will soon be called.
  void Prefetch(uint32_t customer) const { __builtin_prefetch(&slots_[customer - 1], 1); }

  // Who is due at `at_us`, with those of `touched`: ascending, each once.
  std::vector<uint32_t> Due(int64_t at_us, absl::Span<const uint32_t> touched) const;
  // All of that time, and all who are touched, leave the wheel: they wait (below), or were put in
  // too early.
  void Advance(int64_t at_us);

  // Who waits to be evaluated: due at the last tick and not yet reached. Ascending.
  absl::Span<const uint32_t> waiting() const {
    return absl::MakeConstSpan(waiting_).subspan(reached_);
  }
  void SetWaiting(std::vector<uint32_t> waiting);
  void Reach(size_t count) { reached_ += count; }

  // The hour of the last tick, since 1970.
  uint32_t first_hour() const { return first_hour_; }
  // A fresh schedule becomes one with these, by customer.
  void Restore(uint32_t first_hour, absl::Span<const Seconds> due, std::vector<uint32_t> waiting);

 private:
  static constexpr uint32_t kHours = 1'024;  // the wheel; later ones stand in its last hour
  static constexpr uint32_t kNowhere = std::numeric_limits<uint32_t>::max() >> 1;
  struct Slot {
    Seconds due = kNextTick;
    uint32_t hour : 31 = kNowhere;  // where it stands in the wheel; elsewhere it is out of date
    uint32_t touched : 1 = 0;       // stands in touched_
  };
  static uint32_t HourOf(Seconds at) { return at / 3'600; }
  void Enter(uint32_t customer);

  std::deque<Slot> slots_;  // by customer
  std::array<std::vector<uint32_t>, kHours> wheel_;
  uint32_t first_hour_ = 0;  // of the wheel: the last tick's
  std::vector<uint32_t> touched_;
  std::vector<uint32_t> waiting_;
  size_t reached_ = 0;
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_SCHEDULE_H_
