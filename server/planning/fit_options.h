// By which options a fit values: the rule set's settings, and what the money so far says.
#ifndef TENURE_SERVER_PLANNING_FIT_OPTIONS_H_
#define TENURE_SERVER_PLANNING_FIT_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/value_model.h"
#include "server/customers/population.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

struct FitOptions {
  clv::ValueOptions value;
  std::string margin_rate_source;  // for a person
  bool is_revenue = false;         // no margin is known: revenue stands for it
};

// Customers as a fit by `settings` takes them (clv::RowsFor). `auto` is not told the intervals
// between purchases, so that it never takes regular timing, whose values are too slow for every
// event; a model by name is. Thread-safe.
std::vector<clv::Observation> FitRowsOf(const rules::ModelSettings& settings,
                                        absl::Span<const clv::Observation> rows);

// Of the customers of `settings`, who brought `own` of `all` the money. The margin rate is the one
// that the rules state; where they state none, or margins by category, it is pooled over their
// purchases of known margin, else over everybody's. FAILED_PRECONDITION where either sum to a loss.
// Thread-safe.
absl::StatusOr<FitOptions> FitOptionsOf(const rules::ValueSettings& rules,
                                        const rules::ModelSettings& settings,
                                        const customers::Population::Money& own,
                                        const customers::Population::Money& all);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_FIT_OPTIONS_H_
