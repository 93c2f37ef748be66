/* Reads strings: gross_value is the length of the city, or -1 where there is none. */
#include "plugins/abi/tenure_plugin.h"

static tenure_code city_propose(const tenure_policy* policy, tenure_worker* worker,
                                const tenure_batch* batch, tenure_result* result,
                                tenure_error* error);
#define FIXTURE_ID "strings"
#define FIXTURE_PROPOSE city_propose
#include "fixture.h"

static tenure_code city_propose(const tenure_policy* policy, tenure_worker* worker,
                                const tenure_batch* batch, tenure_result* result,
                                tenure_error* error) {
  const tenure_column* city = &batch->columns[1];
  uint64_t row = 0, offer = 0;
  const tenure_code code = fixture_propose(policy, worker, batch, result, error);
  for (; row < batch->row_count; ++row) {
    double length = -1;
    if ((city->validity[row / 64] >> (row % 64)) & 1) {
      length = (double)city->dict->entries[((const int32_t*)city->values)[row]].size;
    }
    for (offer = 0; offer < batch->offer_count; ++offer) {
      result->gross_value[row * batch->offer_count + offer] = length;
    }
  }
  return code;
}
