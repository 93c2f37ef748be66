// By which options a fit values: the rule set's settings, and what the money so far says.
#ifndef TENURE_SERVER_PLANNING_FIT_OPTIONS_H_
#define TENURE_SERVER_PLANNING_FIT_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/clv/value_model.h"
#include "server/customers/population.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

struct FitOptions {
  clv::ValueOptions value;
  std::string margin_rate_source;  // for a person
};

// Of the customers of `settings`, who brought `own` of `all` the money. The margin rate is the one
// that the rules state; where they state none, or margins by category, it is pooled over their
// purchases of known margin, else over everybody's. FAILED_PRECONDITION where those sum to a loss.
// Thread-safe.
absl::StatusOr<FitOptions> FitOptionsOf(const rules::ValueSettings& rules,
                                        const rules::ModelSettings& settings,
                                        const customers::Population::Money& own,
                                        const customers::Population::Money& all);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_FIT_OPTIONS_H_
