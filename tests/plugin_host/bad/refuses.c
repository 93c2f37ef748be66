/* Refuses whatever parameters it is given. */
#include <string.h>

#include "plugins/abi/tenure_plugin.h"

static tenure_code refusing_create(const tenure_host* host, const tenure_policy_config* config,
                                   tenure_policy** policy, tenure_error* error);
#define FIXTURE_CREATE refusing_create
#include "fixture.h"

static tenure_code refusing_create(const tenure_host* host, const tenure_policy_config* config,
                                   tenure_policy** policy, tenure_error* error) {
  static const char text[] = "uplift_low must not exceed uplift";
  (void)host;
  (void)config;
  (void)policy;
  (void)fixture_create;
  memcpy(error->text, text, sizeof text - 1);
  error->length = sizeof text - 1;
  return TENURE_INVALID_ARGUMENT;
}
