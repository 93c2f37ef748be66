// How well an order of customers finds what they turned out to be worth: the lift curve, and what
// is read off it.
#ifndef TENURE_SERVER_VALIDATION_LIFT_CURVE_H_
#define TENURE_SERVER_VALIDATION_LIFT_CURVE_H_

#include <vector>

#include "absl/types/span.h"

namespace tenure::validation {

// One customer, or `weight` alike.
struct Ranked {
  double prediction;
  double actual;
  double weight = 1;
};

// Customers from the highest prediction down, the share of the actual total against the share of
// customers. Customers of equal prediction have no order among themselves: they share one straight
// piece, as on average over all their orders, and are split in proportion where a cut falls among
// them. So nothing here depends on the order of rows, and a weight is that many rows. Immutable.
class LiftCurve {
 public:
  // All finite, weights above 0.
  explicit LiftCurve(std::vector<Ranked> customers);

  // Customers and weighted sums within one piece of the order.
  struct Piece {
    double customers = 0;
    double predicted = 0;
    double actual = 0;
    double actual_squares = 0;
  };
  // The first `share` of the customers, 0 to 1.
  Piece Top(double share) const;
  // `count` pieces with as many customers each, the highest predictions first.
  std::vector<Piece> Split(int count) const;
  // Share of the actual total that the first `share` of customers has. NaN unless the total is
  // above 0.
  double ActualShare(double share) const;
  // Twice the area between the curve and the diagonal: 0 for an order that says nothing, below 0
  // for one that is worse. NaN unless the total is above 0. Where the order is by the actual values
  // themselves it is their Gini coefficient. Source: the ordered Lorenz curve and Gini index of
  // Frees, Meyers, Cummings 2011 (JASA 106), with premiums all alike.
  double ActualGini() const;
  // The same of the predicted total: how concentrated the predictions are.
  double PredictedGini() const;

 private:
  double Gini(double Piece::*value) const;

  std::vector<Piece> totals_;  // running, one a group of equal prediction; nothing first
};

// Gini index of the order by prediction over that of the order by the actual values: 1 for a
// perfect order, 0 for none. NaN where the actual values are all alike or sum to 0 or less. Source:
// the normalised Gini coefficient of insurance pricing contests (Allstate 2011, Liberty Mutual
// 2014).
double NormalisedGini(absl::Span<const Ranked> customers);
// The same of the order's ActualGini and that of the best order.
double NormalisedGini(double gini, double best);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_LIFT_CURVE_H_
