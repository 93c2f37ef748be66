/* A whole plugin in plain C11, right in everything but what a file redefines before including it:
 *   FIXTURE_ID, FIXTURE_ABI_MAJOR, FIXTURE_MIN_HOST_MINOR, FIXTURE_SCHEMA, FIXTURE_ENTRY,
 *   FIXTURE_DESCRIBE, FIXTURE_CREATE, FIXTURE_PROPOSE, FIXTURE_SKIP_FROM_ROW and the values
 * FIXTURE_GROSS, … of every cell.
 */
#ifndef TENURE_TESTS_PLUGIN_HOST_BAD_FIXTURE_H_
#define TENURE_TESTS_PLUGIN_HOST_BAD_FIXTURE_H_

#include <math.h>
#include <stdlib.h>

#include "plugins/abi/tenure_plugin.h"

#ifndef FIXTURE_ID
#define FIXTURE_ID "fixture"
#endif
#ifndef FIXTURE_ABI_MAJOR
#define FIXTURE_ABI_MAJOR TENURE_ABI_MAJOR
#endif
#ifndef FIXTURE_MIN_HOST_MINOR
#define FIXTURE_MIN_HOST_MINOR 0
#endif
#ifndef FIXTURE_SCHEMA
#define FIXTURE_SCHEMA "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{}}"
#endif
#ifndef FIXTURE_ENTRY
#define FIXTURE_ENTRY tenure_plugin_entry_v1
#endif
#ifndef FIXTURE_DESCRIBE
#define FIXTURE_DESCRIBE fixture_describe
#endif
#ifndef FIXTURE_CREATE
#define FIXTURE_CREATE fixture_create
#endif
#ifndef FIXTURE_PROPOSE
#define FIXTURE_PROPOSE fixture_propose
#endif
#ifndef FIXTURE_SKIP_FROM_ROW
#define FIXTURE_SKIP_FROM_ROW UINT64_MAX
#endif
#ifndef FIXTURE_GROSS
#define FIXTURE_GROSS 2.0
#endif
#ifndef FIXTURE_STDERR
#define FIXTURE_STDERR 0.5
#endif
#ifndef FIXTURE_TREATED
#define FIXTURE_TREATED 0.3
#endif
#ifndef FIXTURE_COST
#define FIXTURE_COST 0.07
#endif
#ifndef FIXTURE_LIABILITY
#define FIXTURE_LIABILITY 70000
#endif
#ifndef FIXTURE_BASIS
#define FIXTURE_BASIS TENURE_BASIS_ASSUMED
#endif
#ifndef FIXTURE_STATUS
#define FIXTURE_STATUS TENURE_CELL_OK
#endif

#define FIXTURE_STR(text) \
  { text, sizeof(text) - 1 }

struct tenure_policy {
  long number; /* the first number of the parameters */
};

static const tenure_field fixture_columns[] = {
    {FIXTURE_STR("p_alive"), TENURE_DOUBLE, TENURE_FIELD_REQUIRED},
    {FIXTURE_STR("city"), TENURE_STRING, 0}};
static const tenure_reason fixture_reasons[] = {{1, 0, FIXTURE_STR("not today")}};
static const tenure_str fixture_stages[] = {FIXTURE_STR("repeat")};
static const tenure_manifest fixture_manifest = {sizeof(tenure_manifest),
                                                 FIXTURE_STR(FIXTURE_ID),
                                                 FIXTURE_STR("1.2.3"),
                                                 FIXTURE_STR("tests"),
                                                 FIXTURE_STR(""),
                                                 FIXTURE_STR(""),
                                                 FIXTURE_STR("a fixture"),
                                                 1,
                                                 fixture_stages,
                                                 2,
                                                 fixture_columns,
                                                 1,
                                                 fixture_reasons,
                                                 FIXTURE_STR(FIXTURE_SCHEMA),
                                                 1,
                                                 TENURE_DETERMINISTIC | TENURE_BATCH_INVARIANT};

static const tenure_manifest* fixture_describe(void) { return &fixture_manifest; }

static tenure_code fixture_create(const tenure_host* host, const tenure_policy_config* config,
                                  tenure_policy** policy, tenure_error* error) {
  uint64_t i = 0;
  (void)host;
  (void)error;
  *policy = (tenure_policy*)calloc(1, sizeof(tenure_policy));
  if (*policy == NULL) return TENURE_RESOURCE_EXHAUSTED;
  for (; i < config->params_json.size; ++i) {
    const char c = config->params_json.data[i];
    if (c >= '0' && c <= '9') (*policy)->number = (*policy)->number * 10 + (c - '0');
  }
  return TENURE_OK;
}
static void fixture_destroy(tenure_policy* policy) { free(policy); }
static tenure_code fixture_worker(const tenure_policy* policy, tenure_worker** worker,
                                  tenure_error* error) {
  (void)policy;
  (void)error;
  *worker = (tenure_worker*)malloc(1);
  return TENURE_OK;
}
static void fixture_worker_destroy(const tenure_policy* policy, tenure_worker* worker) {
  (void)policy;
  free(worker);
}

static inline tenure_code fixture_propose(const tenure_policy* policy, tenure_worker* worker,
                                          const tenure_batch* batch, tenure_result* result,
                                          tenure_error* error) {
  uint64_t cell = 0;
  (void)policy;
  (void)worker;
  (void)error;
  for (; cell < batch->row_count * batch->offer_count; ++cell) {
    if (cell / batch->offer_count >= FIXTURE_SKIP_FROM_ROW) break;
    result->gross_value[cell] = FIXTURE_GROSS;
    result->value_stderr[cell] = FIXTURE_STDERR;
    result->p_baseline[cell] = 0.25;
    result->p_treated[cell] = FIXTURE_TREATED;
    result->expected_cost[cell] = FIXTURE_COST;
    result->liability_micros[cell] = FIXTURE_LIABILITY;
    result->basis[cell] = FIXTURE_BASIS;
    result->status[cell] = FIXTURE_STATUS;
    result->reason[cell] = 1;
  }
  return TENURE_OK;
}

static const tenure_plugin fixture_table = {sizeof(tenure_plugin),
                                            FIXTURE_ABI_MAJOR,
                                            TENURE_ABI_MINOR,
                                            FIXTURE_MIN_HOST_MINOR,
                                            0,
                                            FIXTURE_DESCRIBE,
                                            FIXTURE_CREATE,
                                            fixture_destroy,
                                            fixture_worker,
                                            fixture_worker_destroy,
                                            FIXTURE_PROPOSE,
                                            NULL};

#ifdef __cplusplus
extern "C"
#endif
    TENURE_EXPORT const tenure_plugin*
    FIXTURE_ENTRY(void);
const tenure_plugin* FIXTURE_ENTRY(void) { return &fixture_table; }

#endif /* TENURE_TESTS_PLUGIN_HOST_BAD_FIXTURE_H_ */
