// Over a period: what share of a sum is to be spent by when.
#ifndef TENURE_SERVER_BUDGET_TARGET_CURVE_H_
#define TENURE_SERVER_BUDGET_TARGET_CURVE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenure::budget {

// A piecewise-constant density over slices of time. Immutable; thread-safe.
class TargetCurve {
 public:
  // `edges_us`: ascending, where slices begin and the last one ends, at least two. `density`: by
  // slice, >= 0 and finite, in any unit; where all are 0 the curve is uniform in time.
  // `front_loaded`: the density is multiplied by a line that falls from 3/2 to 1/2.
  TargetCurve(std::vector<int64_t> edges_us, std::vector<double> density, bool front_loaded);

  // Share of the whole that lies in [from, to), in [0, 1]; what lies outside the edges counts 0.
  double Share(int64_t from_us, int64_t to_us) const;
  // Share of what lies in [from, end) that lies in [from, to): 1 where nothing is left.
  double ShareOfRest(int64_t from_us, int64_t to_us) const;

  int64_t start_us() const { return edges_us_.front(); }
  int64_t end_us() const { return edges_us_.back(); }

 private:
  // Of the whole, before an instant.
  double Before(int64_t at_us) const;

  std::vector<int64_t> edges_us_;
  std::vector<double> before_;  // by edge: share of the whole before it
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_TARGET_CURVE_H_
