// Sums of money that stop at the largest int64: what is beyond it is above every cap.
#ifndef TENURE_SERVER_BUDGET_PLAN_AMOUNT_H_
#define TENURE_SERVER_BUDGET_PLAN_AMOUNT_H_

#include <cmath>
#include <cstdint>

#include "server/budget/planner.h"

namespace tenure::budget {

// All of amounts >= 0.
inline int64_t AddCapped(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kUncapped : sum;
}
inline int64_t MultiplyCapped(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kUncapped : product;
}
inline int64_t RoundCapped(double micros) {
  constexpr double kMost = 9.2e18;
  return micros < kMost ? std::llround(micros) : kUncapped;
}

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_AMOUNT_H_
