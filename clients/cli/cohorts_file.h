// Cohorts of contracts: a CSV of cohort, period and survivors, and censored where it is there.
#ifndef TENURE_CLIENTS_CLI_COHORTS_FILE_H_
#define TENURE_CLIENTS_CLI_COHORTS_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/retention_cohort.h"

namespace tenure::cli {

// In the order in which they first appear; a cohort's rows in any order. NOT_FOUND naming a missing
// column; INVALID_ARGUMENT naming line and column for a period that is missing, there twice or not
// whole, survivors that rise, are negative or no number, and for cohorts of fewer than three
// periods or in which nobody was lost or nobody renewed.
absl::StatusOr<std::vector<clv::RetentionCohort>> ReadCohorts(const std::string& path);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_COHORTS_FILE_H_
