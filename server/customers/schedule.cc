#include "server/customers/schedule.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "server/base/time.h"

namespace tenure::customers {

Schedule::Seconds Schedule::SecondsOf(int64_t at_us) {
  const int64_t seconds = std::max(at_us, int64_t{0}) / kMicrosPerSecond;
  return static_cast<Seconds>(std::min(seconds, int64_t{kNever}));
}

void Schedule::Grow(uint32_t size) {
  while (slots_.size() < size) {
    slots_.emplace_back();
    Touch(static_cast<uint32_t>(slots_.size()));
  }
}

void Schedule::Touch(uint32_t customer) {
  Slot& slot = slots_[customer - 1];
  slot.due = kNextTick;
  if (slot.touched) return;
  slot.touched = 1;
  touched_.push_back(customer);
}

void Schedule::Set(uint32_t customer, Seconds due) {
  if (due == kNextTick) return Touch(customer);
  slots_[customer - 1].due = due;
  Enter(customer);
}

void Schedule::Enter(uint32_t customer) {
  Slot& slot = slots_[customer - 1];
  if (slot.due == kNever) return;
  const uint32_t hour = std::clamp(HourOf(slot.due), first_hour_, first_hour_ + kHours - 1);
  if (slot.hour <= hour) return;
  slot.hour = hour & kNowhere;
  wheel_[hour % kHours].push_back(customer);
}

std::vector<uint32_t> Schedule::Due(int64_t at_us, absl::Span<const uint32_t> touched) const {
  std::vector<uint64_t> due(slots_.size() / 64 + 1);
  const auto add = [&](uint32_t customer) {
    if (customer / 64 >= due.size()) due.resize(customer / 64 + 1);
    due[customer / 64] |= uint64_t{1} << (customer % 64);
  };
  // Not who has waited for a tick when they were touched and has been evaluated by it since: a
  // schedule that was saved meanwhile does not know them.
  for (const uint32_t customer : touched_) {
    if (slots_[customer - 1].due == kNextTick) add(customer);
  }
  for (const uint32_t customer : touched) add(customer);
  for (const uint32_t customer : waiting()) add(customer);
  const Seconds at = SecondsOf(at_us);
  const uint32_t last = std::min(HourOf(at), first_hour_ + kHours - 1);
  for (uint32_t hour = first_hour_; hour <= last; ++hour) {
    for (const uint32_t customer : wheel_[hour % kHours]) {
      const Slot& slot = slots_[customer - 1];
      if (slot.hour == hour && slot.due <= at) add(customer);
    }
  }
  std::vector<uint32_t> ascending;
  for (size_t word = 0; word < due.size(); ++word) {
    for (uint64_t bits = due[word]; bits != 0; bits &= bits - 1) {
      ascending.push_back(static_cast<uint32_t>(64 * word) +
                          static_cast<uint32_t>(std::countr_zero(bits)));
    }
  }
  return ascending;
}

void Schedule::Advance(int64_t at_us) {
  for (const uint32_t customer : touched_) slots_[customer - 1].touched = 0;
  touched_ = {};
  const Seconds at = SecondsOf(at_us);
  const uint32_t now = std::max(HourOf(at), first_hour_);
  const uint32_t last = std::min(now, first_hour_ + kHours - 1);
  std::vector<uint32_t> later;
  for (uint32_t hour = first_hour_; hour <= last; ++hour) {
    for (const uint32_t customer : std::exchange(wheel_[hour % kHours], {})) {
      Slot& slot = slots_[customer - 1];
      if (slot.hour != hour) continue;
      slot.hour = kNowhere;
      if (slot.due > at) later.push_back(customer);
    }
  }
  first_hour_ = now;
  for (const uint32_t customer : later) Enter(customer);
}

void Schedule::SetWaiting(std::vector<uint32_t> waiting) {
  waiting_ = std::move(waiting);
  reached_ = 0;
}

void Schedule::Restore(uint32_t first_hour, absl::Span<const Seconds> due,
                       std::vector<uint32_t> waiting) {
  first_hour_ = first_hour;
  SetWaiting(std::move(waiting));
  slots_.resize(due.size());
  for (uint32_t customer = 1; customer <= due.size(); ++customer) {
    const bool waits = std::binary_search(waiting_.begin(), waiting_.end(), customer);
    if (due[customer - 1] != kNextTick || !waits) Set(customer, due[customer - 1]);
  }
}

}  // namespace tenure::customers
