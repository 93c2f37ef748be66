// A sum of doubles that does not depend on how many there are.
#ifndef TENURE_SERVER_BUDGET_PLAN_SUM_H_
#define TENURE_SERVER_BUDGET_PLAN_SUM_H_

#include <cmath>

namespace tenure::budget {

// Neumaier's sum: the error stays near one rounding however many terms there are.
class ExactSum {
 public:
  void Add(double term) {
    const double sum = sum_ + term;
    rest_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term : (term - sum) + sum_;
    sum_ = sum;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0;
  double rest_ = 0;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_SUM_H_
