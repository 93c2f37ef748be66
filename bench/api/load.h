// A closed loop of unary `Decide` calls: so many in flight, the next one sent by the answer of the
// one before.
#ifndef TENURE_BENCH_API_LOAD_H_
#define TENURE_BENCH_API_LOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tenure/v1/decision_service.pb.h"

namespace grpc {
class Channel;
}

namespace tenure::bench {

struct LoadResult {
  int64_t replies = 0;   // OK ones
  int64_t failures = 0;  // all others
  int64_t bytes = 0;     // of the replies
  int64_t selected = 0;  // replies that select an offer
  double seconds = 0;
  double p50_us = 0, p99_us = 0;
  std::string first_error;

  double PerSecond() const { return static_cast<double>(replies) / seconds; }
};

// Runs for `seconds` and waits for what is under way. Customers take turns; request ids are
// `prefix` and a number.
LoadResult RunLoad(const std::shared_ptr<grpc::Channel>& channel,
                   const std::vector<std::string>& customers, const std::string& prefix,
                   int in_flight, double seconds);

// One decision for each of `customers`.
tenure::v1::BatchDecideResponse Sample(const std::shared_ptr<grpc::Channel>& channel,
                                       const std::vector<std::string>& customers);

}  // namespace tenure::bench

#endif  // TENURE_BENCH_API_LOAD_H_
