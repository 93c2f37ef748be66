// Short ways to hand an error on. Errors are absl::Status; what to do with which is in
// docs/errors.md.
#ifndef TENURE_SERVER_BASE_STATUS_H_
#define TENURE_SERVER_BASE_STATUS_H_

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#define TENURE_CONCAT_INNER(a, b) a##b
#define TENURE_CONCAT(a, b) TENURE_CONCAT_INNER(a, b)

#define TENURE_RETURN_IF_ERROR(expr)                                  \
  do {                                                                \
    if (absl::Status status_ = (expr); !status_.ok()) return status_; \
  } while (false)

// TENURE_ASSIGN_OR_RETURN(auto x, MakeX());
#define TENURE_ASSIGN_OR_RETURN(declaration, expr) \
  TENURE_ASSIGN_OR_RETURN_INNER(TENURE_CONCAT(status_or_, __LINE__), declaration, expr)
#define TENURE_ASSIGN_OR_RETURN_INNER(temporary, declaration, expr) \
  auto temporary = (expr);                                          \
  if (!temporary.ok()) return std::move(temporary).status();        \
  declaration = *std::move(temporary)

// A broken invariant: the process stops at once rather than go on with wrong state. Never for
// input, however bad.
#define TENURE_CHECK(condition)                                                              \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)

namespace tenure {

// The same code and payloads with "where: " before the message.
inline absl::Status Annotate(const absl::Status& status, absl::string_view where) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrCat(where, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_STATUS_H_
