// What values are: revenue or margin.
#ifndef TENURE_SERVER_API_VALUE_BASIS_H_
#define TENURE_SERVER_API_VALUE_BASIS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/mutex.h"
#include "server/engine/engine.h"
#include "tenure/v1/customer.pb.h"

namespace tenure::api {

// Of "revenue" and "margin", as ValueModel::basis() and reports have it; else unspecified.
tenure::v1::ValueBasis BasisOf(absl::string_view name);

// Of models by their hash, which never changes it: each is read at most once. Thread-safe.
class ValueBases {
 public:
  // Of the model in force or one asked for lately; unspecified for no model (an empty hash);
  // nullopt when it has to be read. Never waits for long.
  std::optional<tenure::v1::ValueBasis> Peek(const engine::Engine& engine, absl::string_view hash);
  // Also reads any version from the journal: for workers. Unspecified where there is none.
  tenure::v1::ValueBasis Find(const engine::Engine& engine, absl::string_view hash);

 private:
  void Keep(absl::string_view hash, tenure::v1::ValueBasis basis);

  Mutex mutex_;
  std::map<std::string, tenure::v1::ValueBasis> kept_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_VALUE_BASIS_H_
