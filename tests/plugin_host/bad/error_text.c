/* Fails every propose with an error text that is wrong in one of the ways of FIXTURE_ERROR_*. */
#include <string.h>

#include "plugins/abi/tenure_plugin.h"

static tenure_code failing_propose(const tenure_policy* policy, tenure_worker* worker,
                                   const tenure_batch* batch, tenure_result* result,
                                   tenure_error* error);
#define FIXTURE_PROPOSE failing_propose
#include "fixture.h"

static tenure_code failing_propose(const tenure_policy* policy, tenure_worker* worker,
                                   const tenure_batch* batch, tenure_result* result,
                                   tenure_error* error) {
  static const char text[] = FIXTURE_ERROR_TEXT;
  (void)policy;
  (void)worker;
  (void)batch;
  (void)result;
  (void)fixture_propose;
  memcpy(error->text, text, sizeof text - 1);
  error->length = FIXTURE_ERROR_LENGTH;
  return 77;
}
