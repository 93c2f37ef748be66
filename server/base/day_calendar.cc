#include "server/base/day_calendar.h"

#include <algorithm>
#include <limits>
#include <map>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "server/base/status.h"
#include "server/base/zone.h"

namespace tenure {
namespace {

// Later changes of the clock are not foreseen: the last offset stays.
constexpr int kLastYear = 2200;

int64_t OffsetOf(absl::Time at, const absl::TimeZone& zone) {
  return zone.At(at).offset * kMicrosPerSecond;
}

// When the clock that showed `change.from` was set to `change.to`.
absl::Time InstantOf(const absl::TimeZone::CivilTransition& change, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo shown = zone.At(change.to);
  return shown.kind == absl::TimeZone::TimeInfo::REPEATED ? shown.trans : shown.pre;
}

struct Kept {
  Mutex mutex;
  std::map<std::string, const DayCalendar*> calendars TENURE_GUARDED_BY(mutex);
  uint16_t numbers TENURE_GUARDED_BY(mutex) = 1;
};

}  // namespace

std::array<std::atomic<const DayCalendar*>, DayCalendar::kMost> DayCalendar::by_number_ = {
    new DayCalendar("UTC")};

const DayCalendar& DayCalendar::Utc() { return ByNumber(0); }

absl::StatusOr<const DayCalendar*> DayCalendar::Of(absl::string_view name) {
  static Kept* const kept = new Kept();
  MutexLock lock(&kept->mutex);
  if (const auto found = kept->calendars.find(std::string(name)); found != kept->calendars.end()) {
    return found->second;
  }
  TENURE_ASSIGN_OR_RETURN(const absl::TimeZone zone, LoadZone(name));
  auto* const calendar = new DayCalendar(name);
  const absl::Time long_ago = absl::FromUnixSeconds(-10'000'000'000);  // before any zone
  int64_t offset_us = OffsetOf(long_ago, zone);
  calendar->changes_.push_back(
      {std::numeric_limits<int64_t>::min(), offset_us, std::numeric_limits<int32_t>::min()});
  absl::TimeZone::CivilTransition change;
  for (absl::Time at = long_ago;
       zone.NextTransition(at, &change) && change.to.year() < kLastYear;) {
    at = InstantOf(change, zone);
    const int64_t at_us = absl::ToUnixMicros(at);
    calendar->changes_.push_back({at_us, OffsetOf(at, zone), DayOf(at_us - 1 + offset_us)});
    offset_us = calendar->changes_.back().offset_us;
  }
  const bool is_utc = calendar->changes_.size() == 1 && offset_us == 0;
  if (is_utc) {
    delete calendar;
    return kept->calendars[std::string(name)] = &Utc();
  }
  TENURE_CHECK(kept->numbers < kMost);
  calendar->number_ = kept->numbers++;
  by_number_[calendar->number_].store(calendar, std::memory_order_release);
  return kept->calendars[std::string(name)] = calendar;
}

const DayCalendar::Change& DayCalendar::ChangeAt(int64_t at_us) const {
  const auto after =
      std::upper_bound(changes_.begin(), changes_.end(), at_us,
                       [](int64_t at, const Change& change) { return at < change.from_us; });
  return *(after - 1);
}

int64_t DayCalendar::StartOf(int32_t day) const {
  // Local midnight lies within a day or so of UTC's; DayAt never falls.
  int64_t before = (int64_t{day} - 2) * kMicrosPerDay, start = (int64_t{day} + 2) * kMicrosPerDay;
  while (start - before > 1) {
    const int64_t middle = before + (start - before) / 2;
    (DayAt(middle) < day ? before : start) = middle;
  }
  return start;
}

}  // namespace tenure
