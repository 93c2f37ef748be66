// Time as a process of purchases sees it when its rate changes from day to day: the integral of the
// days' multipliers. A process of rate λ in operational time has rate λ · multiplier in calendar
// time, exactly (Cox, Isham 1980, §4.2): for a Poisson process the same law as thinning one of the
// highest rate.
#ifndef TENURE_SERVER_CLV_OPERATIONAL_TIME_H_
#define TENURE_SERVER_CLV_OPERATIONAL_TIME_H_

#include <vector>

#include "absl/types/span.h"

namespace tenure::clv {

// Of everybody. Immutable between calls of Assign; thread-safe then.
class OperationalTime {
 public:
  // The multipliers of days 0, 1, …, each 0 or more. Reuses memory.
  void Assign(absl::Span<const double> multipliers);
  size_t days() const { return multipliers_.size(); }
  double MultiplierOn(size_t day) const { return multipliers_[day]; }
  // Passed by calendar time `time`, days from day 0 on; within the days there are.
  double At(double time) const;
  // When it reaches `elapsed`, as calendar time; the end of the days where it never does.
  double Reaches(double elapsed) const;

 private:
  std::vector<double> multipliers_;
  std::vector<double> passed_;  // at the start of each day, and at the end
};

// The rate times `by` on the days [from, to), whole and 0 or more.
struct RateChange {
  int from, to;
  double by;
};

// One customer's: everybody's, but for some days. Costs as much as there are changes, however many
// days. Immutable between calls of Assign; thread-safe then.
class ChangedTime {
 public:
  // Changes that overlap multiply; their order is lost. `everybody` must outlive its use.
  void Assign(const OperationalTime* everybody, std::vector<RateChange>* changes);
  // As OperationalTime's.
  double At(double time) const;
  double Reaches(double elapsed) const;

 private:
  struct Stretch {
    double from;    // in calendar time; to the next one's, or for ever
    double by;      // the product of the changes
    double theirs;  // everybody's time that has passed by `from`
    double passed;  // and this one's
  };

  const OperationalTime* everybody_ = nullptr;
  std::vector<Stretch> stretches_;  // the first from day 0 on
  std::vector<int> edges_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_OPERATIONAL_TIME_H_
