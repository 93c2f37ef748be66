// A model against what happened after the data it was fitted to: customer by customer over a
// holdout period, all figures of docs/clv.md's "Validation".
#ifndef TENURE_SERVER_VALIDATION_HOLDOUT_H_
#define TENURE_SERVER_VALIDATION_HOLDOUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tenure::validation {

// One customer, or `weight` alike. Purchases are repeat purchase days; values are revenue of the
// holdout, undiscounted, in currency units.
struct HoldoutRow {
  double frequency;           // repeat purchases up to the holdout's start
  double expected_purchases;  // over the holdout
  double actual_purchases;
  double expected_value = 0;
  double actual_value = 0;  // may be below 0 where refunds exceed purchases
  double weight = 1;
};

// Customers of one frequency. Means a customer.
struct FrequencyBin {
  std::string label;  // "0", "1", … "6", "7+"
  double customers = 0;
  double expected = 0;        // NaN without customers
  double actual = 0;          //
  double standard_error = 0;  // of actual − expected, by the spread over the bin's customers
};

// A tenth of the customers, the highest predictions first. Means a customer.
struct Decile {
  double customers = 0;
  double expected = 0;
  double actual = 0;
  double standard_error = 0;  // of actual, by the spread over the decile's customers
};

// How well one predicted quantity fits, over all customers. NaN where it is not defined.
struct Agreement {
  double expected = 0;             // sum
  double actual = 0;               //
  double bias = 0;                 // expected / actual − 1; NaN where actual is 0
  double bias_standard_error = 0;  // by the spread of the customers' errors
  double mean_absolute_error = 0;  // a customer
  double root_mean_square_error = 0;
  double spearman = 0;  // rank correlation, mid-ranks
  double pearson = 0;
  double predicted_gini = 0;      // Gini coefficient of the predictions
  double actual_gini = 0;         // Gini coefficient of the actual values
  double gini_gain = 0;           // normalised: 1 for a perfect order, 0 for none
  double top_tenth = 0;           // share of the actual total in the 10 % predicted highest
  double top_fifth = 0;           // and 20 %
  double best_top_tenth = 0;      // the most that any order could have
  double best_top_fifth = 0;      //
  std::vector<Decile> deciles;    // ten
  std::vector<double> lift;       // share of the actual total at 0 %, 1 %, … 100 % of customers
  std::vector<double> best_lift;  // the same ordered by the actual values; both empty if NaN
};

struct Validation {
  double customers = 0;  // weights counted
  double holdout_days = 0;
  bool has_value = false;
  Agreement purchases;
  Agreement value;                 // meaningful where has_value
  std::vector<FrequencyBin> bins;  // eight
};

// Deciles, shares and Gini treat equal predictions as LiftCurve does. The same figures to the last
// bit whatever the order of rows. INVALID_ARGUMENT naming the row for what is not finite, a
// frequency, purchases or an expectation below 0, or a weight that is not above 0; or when there is
// no row. Thread-safe.
absl::StatusOr<Validation> Validate(std::vector<HoldoutRow> rows, bool has_value,
                                    double holdout_days);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_HOLDOUT_H_
