// What values are: revenue or margin.
#ifndef TENURE_SERVER_API_VALUE_BASIS_H_
#define TENURE_SERVER_API_VALUE_BASIS_H_

#include "absl/strings/string_view.h"
#include "server/engine/engine.h"
#include "tenure/v1/customer.pb.h"

namespace tenure::api {

// Of "revenue" and "margin", as ValueModel::basis() and reports have it; else unspecified.
tenure::v1::ValueBasis BasisOf(absl::string_view name);

// Of the model of that hash: the one in force, or any version. Unspecified where there is none.
// Thread-safe; reads the journal for a version that is not at hand.
tenure::v1::ValueBasis BasisOfModel(const engine::Engine& engine, absl::string_view hash);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_VALUE_BASIS_H_
