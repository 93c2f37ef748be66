// Which day an instant is on by the clock of a time zone, fast enough for every event.
#ifndef TENURE_SERVER_BASE_DAY_CALENDAR_H_
#define TENURE_SERVER_BASE_DAY_CALENDAR_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/time.h"

namespace tenure {

// Immutable; there is one a zone, which lives as long as the process. Thread-safe.
class DayCalendar {
 public:
  static const DayCalendar& Utc();
  // Of an IANA name. NOT_FOUND as LoadZone.
  static absl::StatusOr<const DayCalendar*> Of(absl::string_view zone);

  DayCalendar(const DayCalendar&) = delete;
  DayCalendar& operator=(const DayCalendar&) = delete;

  const std::string& zone() const { return zone_; }  // IANA
  // Names it in two bytes, for this process: UTC is 0.
  uint16_t number() const { return number_; }
  static const DayCalendar& ByNumber(uint16_t number) {
    return *by_number_[number].load(std::memory_order_acquire);
  }

  // The local day as days since 1970-01-01. Never falls as time passes: where clocks are set back
  // over midnight, what comes a second time counts with the day that had begun.
  int32_t DayAt(int64_t at_us) const {
    if (changes_.empty()) return DayOf(at_us);
    const Change& change = ChangeAt(at_us);
    const int32_t day = DayOf(at_us + change.offset_us);
    return day < change.least_day ? change.least_day : day;
  }
  // What is added to an instant to have what the local clock shows.
  int64_t OffsetAt(int64_t at_us) const { return changes_.empty() ? 0 : ChangeAt(at_us).offset_us; }
  // The first instant of that day.
  int64_t StartOf(int32_t day) const;

 private:
  // The clock is changed at `from_us`; the first holds since ever.
  struct Change {
    int64_t from_us;
    int64_t offset_us;
    int32_t least_day;  // the day before the change
  };
  explicit DayCalendar(absl::string_view zone) : zone_(zone) {}
  const Change& ChangeAt(int64_t at_us) const;

  static constexpr size_t kMost = 2'048;  // IANA has 600 names
  static std::array<std::atomic<const DayCalendar*>, kMost> by_number_;

  std::string zone_;
  uint16_t number_ = 0;
  std::vector<Change> changes_;  // by time; empty: UTC
};

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_DAY_CALENDAR_H_
