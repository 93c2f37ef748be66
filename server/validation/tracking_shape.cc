#include "server/validation/tracking_shape.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace tenure::validation {
namespace {

constexpr size_t kBlock = 4;  // weeks
constexpr size_t kFewestWeeks = 8;
constexpr size_t kFewestBlocks = 3;

struct Sums {
  double expected = 0;
  double actual = 0;
};

Sums SumOf(const std::vector<TrackingWeek>& weeks, size_t begin, size_t end) {
  Sums sums;
  for (size_t i = begin; i < end; ++i) {
    sums.expected += weeks[i].expected;
    sums.actual += weeks[i].actual;
  }
  return sums;
}

void SetDrift(const std::vector<TrackingWeek>& weeks, TrackingShape* shape) {
  if (weeks.size() < kFewestWeeks) return;
  const size_t half = weeks.size() / 2;
  const Sums first = SumOf(weeks, 0, half);
  const Sums second = SumOf(weeks, half, weeks.size());
  if (!(first.actual > 0 && first.expected > 0 && second.expected > 0)) return;
  const double ratio = second.actual / second.expected / (first.actual / first.expected);
  shape->drift = ratio - 1;
  shape->drift_standard_error =
      std::max(ratio, 1.0) * std::sqrt(1 / first.actual + 1 / std::max(second.actual, 1.0));
}

void SetSeason(const std::vector<TrackingWeek>& weeks, TrackingShape* shape) {
  const size_t blocks = weeks.size() / kBlock;
  const Sums all = SumOf(weeks, 0, blocks * kBlock);
  if (blocks < kFewestBlocks || !(all.expected > 0 && all.actual > 0)) return;
  double excess = 0;
  for (size_t i = 0; i < blocks; ++i) {
    const Sums block = SumOf(weeks, i * kBlock, (i + 1) * kBlock);
    if (!(block.expected > 0)) return;
    const double level = block.expected * all.actual / all.expected;
    excess += (block.actual - level) * (block.actual - level) / (level * level) - 1 / level;
  }
  shape->season = std::sqrt(std::max(0.0, excess / static_cast<double>(blocks)));
}

}  // namespace

TrackingShape ShapeOf(const Tracking& tracking) {
  TrackingShape shape;
  if (tracking.calibration_actual > 0) {
    shape.calibration_bias = tracking.calibration_expected / tracking.calibration_actual - 1;
  }
  std::vector<TrackingWeek> holdout;
  for (const TrackingWeek& week : tracking.weeks) {
    if (week.holdout) holdout.push_back(week);
  }
  for (const TrackingWeek& week : holdout) {
    if (!(week.actual_total > 0)) continue;
    shape.mean_absolute_cumulative_error +=
        std::abs(week.expected_total / week.actual_total - 1) / static_cast<double>(holdout.size());
  }
  SetDrift(holdout, &shape);
  SetSeason(holdout, &shape);
  return shape;
}

}  // namespace tenure::validation
