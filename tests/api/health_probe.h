// One question to grpc.health.v1.Health, by hand: Debian ships no generated code for it.
#ifndef TENURE_TESTS_API_HEALTH_PROBE_H_
#define TENURE_TESTS_API_HEALTH_PROBE_H_

#include <memory>
#include <string>

namespace grpc {
class Channel;
}

namespace tenure::api {

// The status' number: 1 SERVING, 2 NOT_SERVING; 0 without an answer in time, `why` then says why.
int ProbeHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                int timeout_ms, std::string* why);

}  // namespace tenure::api

#endif  // TENURE_TESTS_API_HEALTH_PROBE_H_
