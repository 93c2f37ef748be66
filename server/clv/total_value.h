// What several customers are worth together: a segment, or the base. Totals are not sums of
// intervals: the parameters err for all customers the same way, while each one's luck is their own.
#ifndef TENURE_SERVER_CLV_TOTAL_VALUE_H_
#define TENURE_SERVER_CLV_TOTAL_VALUE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

struct TotalValue {
  double customers = 0;
  double clv = 0;                  // Σ clv
  double clv_mean_low = 0;         // 95 % interval of that expectation: the parameters' uncertainty
  double clv_mean_high = 0;        //
  double clv_predictive_low = 0;   // 95 % interval of what they will really bring together:
  double clv_predictive_high = 0;  // parameters and chance
  double expected_purchases = 0;
};

struct TotalOptions {
  int draws = 200;  // of the parameters, 2 to 10,000
  uint64_t seed = 1;
};

// Over rows of customers with a purchase; others count as customers and bring nothing here. The
// same seed gives the same interval. Work: one Compute and `draws` scores a row. INVALID_ARGUMENT
// for options out of range. Thread-safe.
absl::StatusOr<TotalValue> TotalOf(const ValueModel& model, absl::Span<const Observation> rows,
                                   const TotalOptions& options = {});

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_TOTAL_VALUE_H_
