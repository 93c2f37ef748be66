// Means over a dropout probability p ~ Beta(a, b), by the trapezoid rule in logit p, eight points
// at once.
#ifndef TENURE_SERVER_CLV_DROPOUT_MEANS_H_
#define TENURE_SERVER_CLV_DROPOUT_MEANS_H_

namespace tenure::clv {

// The points are mode ± k step in w = logit p; beyond |w| = edge on either side the integrand is
// flat, and the rest of the sum a geometric series.
struct LogitRule {
  double a, b;  // > 0
  double step, mode;
  double left_edge, right_edge;
};

// E[(1 + p y)^−shape], y and p y in the range of normal numbers.
double MeanStay(const LogitRule& rule, double shape, double y);
// E[(1 − (1 + p y)^−shape)/p], the same.
double MeanCount(const LogitRule& rule, double shape, double y);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_DROPOUT_MEANS_H_
