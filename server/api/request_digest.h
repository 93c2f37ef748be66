// What tells a repeated request from another one under the same request id.
#ifndef TENURE_SERVER_API_REQUEST_DIGEST_H_
#define TENURE_SERVER_API_REQUEST_DIGEST_H_

#include <string>

namespace google::protobuf {
class Message;
}

namespace tenure::api {

// "customer=1f0c…,validate_only=9a3e…": one 64-bit digest a field that the caller set, by field
// number, so that two of them say which field differs. `request_id` and `view` are left out: the
// one is the key, the other changes what is shown and not what is done. Thread-safe.
std::string RequestDigest(const google::protobuf::Message& request);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_REQUEST_DIGEST_H_
