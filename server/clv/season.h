// When a year buys more: multipliers of everybody's rate of purchases, one a calendar day.
#ifndef TENURE_SERVER_CLV_SEASON_H_
#define TENURE_SERVER_CLV_SEASON_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace tenure::clv {

inline constexpr size_t kWeeksOfYear = 52;  // the 52nd has the year's last days too

// The product of what is added; 1 where nothing is. Not thread-safe while it is added to.
class Season {
 public:
  // 52 numbers, or 7 from Monday on: 0 or more, not all 0. INVALID_ARGUMENT saying what they are.
  absl::Status AddWeeks(absl::Span<const double> multipliers);
  absl::Status AddWeekdays(absl::Span<const double> multipliers);
  // 1 + amplitude · cos(2π (day of the year − peak) / 365.25), 0 <= amplitude <= 1; the peak as a
  // day of the year from 1 to 366.
  absl::Status AddSine(double amplitude, int peak);

  bool is_flat() const { return parts_.empty(); }
  // On a day counted from 1970-01-01.
  double On(int64_t day) const;

 private:
  struct Part {
    std::vector<double> multipliers;  // empty: a sine
    double amplitude = 0;
    int peak = 1;
  };
  std::vector<Part> parts_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_SEASON_H_
