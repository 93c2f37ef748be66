/* Sleeps for the parameter sleep_ms in every propose, then answers as the fixture does: what a
 * stuck policy looks like from outside. It heeds neither deadline nor cancellation. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "plugins/abi/tenure_plugin.h"

static tenure_code slow_propose(const tenure_policy* policy, tenure_worker* worker,
                                const tenure_batch* batch, tenure_result* result,
                                tenure_error* error);
#define FIXTURE_ID "slow"
#define FIXTURE_SCHEMA                                                  \
  "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":" \
  "{\"sleep_ms\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":60000}}}"
#define FIXTURE_PROPOSE slow_propose
#include "fixture.h"

static tenure_code slow_propose(const tenure_policy* policy, tenure_worker* worker,
                                const tenure_batch* batch, tenure_result* result,
                                tenure_error* error) {
  struct timespec span;
  span.tv_sec = policy->number / 1000;
  span.tv_nsec = policy->number % 1000 * 1000000;
  nanosleep(&span, NULL);
  return fixture_propose(policy, worker, batch, result, error);
}
