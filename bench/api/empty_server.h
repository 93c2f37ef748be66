// The baseline of the decide benchmark: the same service and messages with nothing behind them.
#ifndef TENURE_BENCH_API_EMPTY_SERVER_H_
#define TENURE_BENCH_API_EMPTY_SERVER_H_

#include <string>

#include "tenure/v1/decision_service.pb.h"

namespace tenure::bench {

// Serves `Decide` on a free loopback port, which it writes to `port_file`, until standard input
// ends. Answers with the decisions of `replies` in turn, each copied as a handler has to.
int ServeEmpty(const tenure::v1::BatchDecideResponse& replies, const std::string& port_file);

}  // namespace tenure::bench

#endif  // TENURE_BENCH_API_EMPTY_SERVER_H_
