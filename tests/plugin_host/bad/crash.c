/* Writes to address 0, in describe or in propose. */
#include "plugins/abi/tenure_plugin.h"

static const tenure_manifest* crashing_describe(void);
static tenure_code crashing_propose(const tenure_policy* policy, tenure_worker* worker,
                                    const tenure_batch* batch, tenure_result* result,
                                    tenure_error* error);
#define FIXTURE_ID "crash"
#define FIXTURE_DESCRIBE crashing_describe
#define FIXTURE_PROPOSE crashing_propose
#include "fixture.h"

static void crash(void) { *(volatile int*)0 = 1; }

static const tenure_manifest* crashing_describe(void) {
#ifdef FIXTURE_CRASH_IN_DESCRIBE
  crash();
#endif
  return fixture_describe();
}

static tenure_code crashing_propose(const tenure_policy* policy, tenure_worker* worker,
                                    const tenure_batch* batch, tenure_result* result,
                                    tenure_error* error) {
#ifdef FIXTURE_CRASH_IN_PROPOSE
  crash();
#endif
  return fixture_propose(policy, worker, batch, result, error);
}
