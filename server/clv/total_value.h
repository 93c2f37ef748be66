// What several customers are worth together: a segment, or the base. Totals are not sums of
// intervals: the parameters err for all customers the same way, while each one's luck is their own.
#ifndef TENURE_SERVER_CLV_TOTAL_VALUE_H_
#define TENURE_SERVER_CLV_TOTAL_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

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
  // What the intervals are made of.
  double standard_error = 0;  // of clv, by the parameters
  double luck_variance = 0;   // of what they will bring, the parameters taken as known
  double log_nothing = 0;     // ln P(none of them buys)
};

struct TotalOptions {
  int draws = 200;  // of the parameters, 2 to 10,000
  uint64_t seed = 1;
  // The draws are evaluated on all rows up to so many, else on so many of them, spread evenly over
  // the frequencies and chosen by what they hold, not where they stand. Of models whose futures
  // are no function of age (PurchaseModel::FutureIsByAge) it is a fortieth of that.
  size_t most_rows = 20'000;
};

// Over rows of customers with a purchase; others count as customers and bring nothing here. A
// weight is that many customers alike; none: 1 each. The same seed gives the same interval. Work:
// the moments of each row, and `draws` scores of at most `most_rows`. INVALID_ARGUMENT for options
// out of range, or weights of another length. Thread-safe.
absl::StatusOr<TotalValue> TotalOf(const ValueModel& model, absl::Span<const Observation> rows,
                                   const TotalOptions& options = {},
                                   absl::Span<const double> weights = {});

// The intervals by the figures they are made of: lognormal for the mean, RealisedInterval for what
// they bring, at least as wide; of 0 both are that point.
TotalValue WithIntervals(TotalValue total);
// Every value times `factor` >= 0.
TotalValue Scaled(const TotalValue& total, double factor);
// Of parts whose models were fitted each to its own customers, so that they err independently, and
// of parts that rest on the same estimates (the pooled fit, or priors around it): their errors add
// up.
TotalValue Together(absl::Span<const TotalValue> independent,
                    absl::Span<const TotalValue> alike = {});

// Models with parameters drawn from what the fit leaves open (laplace.h), options as the model's;
// fewer than `draws` where a draw has no mean spend. The same seed gives the same models.
absl::StatusOr<std::vector<std::shared_ptr<const ValueModel>>> DrawModels(const ValueModel& model,
                                                                          int draws, uint64_t seed);
// Σ clv of the rows by each drawn model over that by `model`, on the rows that TotalOptions says.
std::vector<double> RelativeTotals(const ValueModel& model,
                                   absl::Span<const std::shared_ptr<const ValueModel>> drawn,
                                   absl::Span<const Observation> rows,
                                   absl::Span<const double> weights, size_t most_rows);
// Standard deviation of their logs; 0 of fewer than two.
double LogDeviation(absl::Span<const double> values);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_TOTAL_VALUE_H_
