// Resource names (AIP-122): "customers/{id}".
#ifndef TENURE_SERVER_API_NAMES_H_
#define TENURE_SERVER_API_NAMES_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "server/api/errors.h"

namespace tenure::api {

inline constexpr absl::string_view kCustomers = "customers/";
inline constexpr absl::string_view kDecisions = "decisions/";
inline constexpr absl::string_view kHolds = "holds/";
inline constexpr absl::string_view kCoupons = "coupons/";
inline constexpr absl::string_view kRuleSets = "ruleSets/";
inline constexpr absl::string_view kModels = "models/";
inline constexpr absl::string_view kPlans = "plans/";
inline constexpr absl::string_view kBudgets = "budgets/";
inline constexpr absl::string_view kPlugins = "plugins/";
// The id that stands for whatever is in force.
inline constexpr absl::string_view kActive = "active";

// "{collection}{id}", or empty for an empty id: nothing has no name.
std::string Name(absl::string_view collection, absl::string_view id);

// The id of `name`; empty with a violation of `field` when the name is not of that collection, or
// the id is empty or longer than `id_bytes`.
absl::string_view ParseName(absl::string_view field, absl::string_view collection,
                            absl::string_view name, size_t id_bytes, Violations* violations);

// Adds a violation unless 1 to `bytes` bytes.
void CheckText(absl::string_view field, absl::string_view text, size_t bytes,
               Violations* violations);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_NAMES_H_
