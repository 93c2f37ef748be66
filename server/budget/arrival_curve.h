// When decisions come: how many an hour, by hour and weekday, learned from those that came. The
// shape that a paced budget's spend follows.
#ifndef TENURE_SERVER_BUDGET_ARRIVAL_CURVE_H_
#define TENURE_SERVER_BUDGET_ARRIVAL_CURVE_H_

#include <array>
#include <cstddef>

namespace tenure::budget {

inline constexpr int kHoursOfDay = 24;
inline constexpr int kDaysOfWeek = 7;
// Hour 0 of the week begins on Monday at midnight of the local clock.
inline constexpr int kHoursOfWeek = kHoursOfDay * kDaysOfWeek;

// A fold of what it is told, by sums and products only: the same calls give the same bits on every
// machine. Not thread-safe.
class ArrivalCurve {
 public:
  // By hour of the week: arrivals seen, and for how many hours that hour was watched. Both forget:
  // after twelve more weeks an arrival counts about a third.
  struct Hours {
    std::array<double, kHoursOfWeek> arrivals = {};
    std::array<double, kHoursOfWeek> watched = {};
  };

  ArrivalCurve() = default;
  explicit ArrivalCurve(const Hours& hours) : hours_(hours) {}

  // One arrival in that hour of the week.
  void Arrive(int hour) { hours_.arrivals[static_cast<size_t>(hour)] += 1; }
  // So much of that hour, 0 to 1, has gone by and its arrivals were told.
  void Watch(int hour, double share);

  // Expected arrivals an hour, by hour of the week; 1 everywhere while nothing ever came. An hour
  // seen little leans on what its hour of the day and its weekday have in common with others
  // (gamma-Poisson shrinkage with a prior of one hour), and that on the mean: uniform until known.
  std::array<double, kHoursOfWeek> Rates() const;
  // Whether anything is known: an arrival has come in watched time.
  bool known() const;

  const Hours& hours() const { return hours_; }

 private:
  Hours hours_;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_ARRIVAL_CURVE_H_
