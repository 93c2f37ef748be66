// A sequence of contacts that stops when the customer comes back or when the rest is not worth it.
#ifndef TENURE_PLUGINS_SDK_LADDER_H_
#define TENURE_PLUGINS_SDK_LADDER_H_

#include <algorithm>
#include <cstddef>

#include "plugins/sdk/params.h"

namespace tenure::sdk {

struct LadderStep {
  Estimate score;         // S_k: value less cost of this contact alone
  double p_finished = 0;  // q_k: P(the customer comes back because of it)
};

// Values a ladder from its last step to its first: V_k = max(0, S_k + (1 − q_k)·V_(k+1)). Add the
// later steps first. One effect drives all steps, so their errors add up rather than average out.
class LadderValue {
 public:
  // Puts `step` before what was added so far.
  void Precede(const LadderStep& step) {
    const double value = step.score.value + (1 - step.p_finished) * rest_.value;
    const double error = step.score.standard_error + (1 - step.p_finished) * rest_.standard_error;
    rest_ = value > 0 ? Estimate{value, error} : Estimate{};
  }
  // V of the steps added so far; 0 where it stops.
  const Estimate& value() const { return rest_; }

 private:
  Estimate rest_;
};

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_LADDER_H_
