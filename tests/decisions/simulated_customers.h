// Customers of a case by the dozen: drawn from its model, as `tenure simulate` draws them.
#ifndef TENURE_TESTS_DECISIONS_SIMULATED_CUSTOMERS_H_
#define TENURE_TESTS_DECISIONS_SIMULATED_CUSTOMERS_H_

#include <cstdint>

#include "tests/decisions/case_file.h"

namespace tenure::decisions {

// Adds customers c0, c1, … with all that they bought until file->at_us, by the file's model and
// spend in weeks, first purchases fallen evenly into the `weeks` before; each takes e-mail.
void AddSimulatedCustomers(int customers, double weeks, uint64_t seed, CaseFile* file);

}  // namespace tenure::decisions

#endif  // TENURE_TESTS_DECISIONS_SIMULATED_CUSTOMERS_H_
