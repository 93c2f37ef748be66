/* The fixture with its constants copied and altered by ALTER, statements that see `table` and
 * `manifest`, each with a tail that this version of the ABI does not know. */
#define FIXTURE_ENTRY unaltered_entry
#include "fixture.h"

static struct {
  tenure_manifest known;
  uint64_t added;
} manifest;
static struct {
  tenure_plugin known;
  uint64_t added;
} table;

static const tenure_manifest* altered_describe(void) { return &manifest.known; }

static tenure_code create_nothing(const tenure_host* host, const tenure_policy_config* config,
                                  tenure_policy** policy, tenure_error* error) {
  (void)host;
  (void)config;
  (void)policy;
  (void)error;
  return TENURE_OK;
}

TENURE_EXPORT const tenure_plugin* tenure_plugin_entry_v1(void) {
  manifest.known = fixture_manifest;
  table.known = fixture_table;
  table.known.describe = altered_describe;
  (void)create_nothing;
  ALTER;
  return &table.known;
}
