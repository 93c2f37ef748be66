// What a model of purchases knows of one customer.
#ifndef TENURE_SERVER_CLV_HISTORY_H_
#define TENURE_SERVER_CLV_HISTORY_H_

namespace tenure::clv {

// 0 <= recency <= age, recency = 0 at frequency 0. Times in the model's unit; occasions or renewal
// periods where the model counts those.
struct History {
  double frequency = 0;  // repeat purchases x
  double recency = 0;    // t_x, first to last purchase
  double age = 0;        // T, first purchase to now
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_HISTORY_H_
