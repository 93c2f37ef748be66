// Plain values between the house and the contract.
#ifndef TENURE_SERVER_API_VALUES_H_
#define TENURE_SERVER_API_VALUES_H_

#include <google/protobuf/timestamp.pb.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "server/base/money.h"
#include "server/base/time.h"

namespace tenure::api {

inline void SetTimestamp(int64_t at_us, google::protobuf::Timestamp* out) {
  const int64_t below = at_us % kMicrosPerSecond;
  const int64_t micros = below < 0 ? below + kMicrosPerSecond : below;
  out->set_seconds((at_us - micros) / kMicrosPerSecond);
  out->set_nanos(static_cast<int32_t>(micros * 1'000));
}

inline int64_t MicrosOf(const google::protobuf::Timestamp& at) {
  return at.seconds() * kMicrosPerSecond + at.nanos() / 1'000;
}

// An estimate in units of the currency, rounded to micros; held to what an int64 can say.
inline int64_t RoundMicros(double units) {
  const double micros = std::nearbyint(units * static_cast<double>(kMicrosPerUnit));
  if (!(micros > -9.2e18)) return std::numeric_limits<int64_t>::min();
  if (!(micros < 9.2e18)) return std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(micros);
}

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_VALUES_H_
