// `tenure fit --model sbg | bdw`: retention curves of cohorts.
#ifndef TENURE_CLIENTS_CLI_FIT_RETENTION_H_
#define TENURE_CLIENTS_CLI_FIT_RETENTION_H_

#include <string>

#include "absl/status/status.h"

namespace tenure::cli {

struct RetentionOptions {
  std::string file;
  std::string model;      // sbg | bdw
  double periods = 5;     // forecast beyond the last one known
  double discount = 0.1;  // a period, of the residual lifetime
  std::string prior;      // as --prior says it; empty: none
};

// Fits each cohort of the file, and all of them as one population where there are several. Prints
// parameters and the survivors expected, beside those seen; as one document with `json`.
absl::Status FitRetentionFile(const RetentionOptions& options, bool json);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_FIT_RETENTION_H_
