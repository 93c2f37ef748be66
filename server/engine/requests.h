// Which request an entry answered.
#ifndef TENURE_SERVER_ENGINE_REQUESTS_H_
#define TENURE_SERVER_ENGINE_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/engine.h"
#include "server/engine/fold.h"
#include "server/journal/entry.h"

namespace tenure::engine {

// Between a batch's request id and the number of the row in a row's id. No caller's id has it: it
// is not UTF-8. Messages name the id without it and what follows.
inline constexpr char kRowMark = '\xff';

struct AnsweredRequest {
  Method method;
  RequestKey key;
};

// DATA_LOSS when the entry can't be decoded; INTERNAL when its kind answers no request.
absl::StatusOr<AnsweredRequest> RequestOf(const journal::Entry& entry);

// The first field that two digests "name=hash,name=hash" do not agree on; "body" where they name
// none.
std::string DifferingField(absl::string_view recorded, absl::string_view asked);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_REQUESTS_H_
