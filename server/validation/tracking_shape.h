// What a tracking plot shows, as numbers: level, drift and season.
#ifndef TENURE_SERVER_VALIDATION_TRACKING_SHAPE_H_
#define TENURE_SERVER_VALIDATION_TRACKING_SHAPE_H_

#include "server/validation/tracking.h"

namespace tenure::validation {

// 0 where there are too few weeks to say.
struct TrackingShape {
  double calibration_bias = 0;  // expected / actual − 1 at the split
  // actual / expected of the holdout's second half over that of its first, − 1. Needs 8 weeks.
  double drift = 0;
  double drift_standard_error = 0;  // as if purchases were Poisson
  // Standard deviation of actual / expected over the holdout's blocks of four weeks, around their
  // common ratio, what Poisson noise explains taken off. Needs 3 blocks.
  double season = 0;
  double mean_absolute_cumulative_error = 0;  // of |expected / actual − 1| of the running totals
                                              // over the holdout's weeks
};

TrackingShape ShapeOf(const Tracking& tracking);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_TRACKING_SHAPE_H_
