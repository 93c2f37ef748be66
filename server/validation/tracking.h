// Repeat purchases of a cohort over time, expected and actual: the tracking plot of Fader, Hardie,
// Lee 2005 ("Counting Your Customers" the Easy Way), figures 2 and 3.
#ifndef TENURE_SERVER_VALIDATION_TRACKING_H_
#define TENURE_SERVER_VALIDATION_TRACKING_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace tenure::validation {

// Days are whole, counted from any one day.
struct TrackedPurchases {
  absl::Span<const int64_t> first_days;   // of each customer, up to the split
  absl::Span<const int64_t> repeat_days;  // of each of their repeat purchases, in any order
  int64_t split_day = 0;                  // the last day that the model has seen
  int64_t end_day = 0;                    // the last day of the holdout
};

// The week that ends with `end_day`.
struct TrackingWeek {
  int64_t end_day = 0;
  double days = 7;  // fewer in the first week, where the first purchase is less than a week earlier
  bool holdout = false;
  double expected = 0;  // repeat purchases within it
  double actual = 0;
  double expected_total = 0;  // up to its end
  double actual_total = 0;
};

struct Tracking {
  std::vector<TrackingWeek> weeks;  // one ends with the split
  int64_t split_day = 0;
  int64_t days_left_out = 0;  // at the end of the holdout, less than a week
  double calibration_expected = 0;
  double calibration_actual = 0;
  double holdout_expected = 0;  // over the holdout's whole weeks
  double holdout_actual = 0;
};

// Each customer enters at their own first purchase: at the end of day D those who came on day d are
// expected to have made expected_of_new(D − d) repeat purchases each. It is asked once for each
// number of days there is. INVALID_ARGUMENT without a customer, for a first purchase after the
// split, a holdout that ends before it begins, or more than 36,500 days. Thread-safe.
absl::StatusOr<Tracking> Track(const TrackedPurchases& purchases,
                               absl::FunctionRef<double(double days)> expected_of_new);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_TRACKING_H_
