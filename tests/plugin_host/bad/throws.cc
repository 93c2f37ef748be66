// Throws in propose, behind the SDK's barrier.
#include <stdexcept>

#include "plugins/sdk/barrier.h"

static tenure_code Throws(const tenure_policy*, tenure_worker*, const tenure_batch*, tenure_result*,
                          tenure_error* error) {
  return tenure::sdk::Barrier(
      error, []() -> tenure_code { throw std::runtime_error("the policy lost its way"); });
}
#define FIXTURE_PROPOSE Throws
#include "fixture.h"
