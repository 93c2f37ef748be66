// Time as a process of purchases sees it when its rate changes from day to day: the integral of the
// days' multipliers. A process of rate λ in operational time has rate λ · multiplier in calendar
// time, exactly (Cox, Isham 1980, §4.2): for a Poisson process the same law as thinning one of the
// highest rate.
#ifndef TENURE_SERVER_CLV_OPERATIONAL_TIME_H_
#define TENURE_SERVER_CLV_OPERATIONAL_TIME_H_

#include <vector>

#include "absl/types/span.h"

namespace tenure::clv {

// Immutable between calls of Assign; thread-safe then.
class OperationalTime {
 public:
  // The multipliers of days 0, 1, …, each 0 or more. Reuses memory.
  void Assign(absl::Span<const double> multipliers);
  double MultiplierOn(size_t day) const { return multipliers_[day]; }
  // Passed by calendar time `time`, days from day 0 on; within the days there are.
  double At(double time) const;
  // When it reaches `elapsed`, as calendar time; the end of the days where it never does.
  double Reaches(double elapsed) const;

 private:
  std::vector<double> multipliers_;
  std::vector<double> passed_;  // at the start of each day, and at the end
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_OPERATIONAL_TIME_H_
