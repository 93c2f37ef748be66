/* The plugin ABI of Tenure, major 1. Pure C11; needs stdint and stddef only.
 *
 * A plugin is an ELF shared object that exports exactly one symbol, tenure_plugin_entry_v1, which
 * returns a static constant table. Per row (a customer) and offer it proposes a value, a cost and
 * what both rest on; consent, caps, holdouts, budgets and the choice stay with the host.
 *
 * The numbered rules (S1 to S19) and the change log stand in README.md beside this file.
 */
#ifndef TENURE_PLUGIN_H_
#define TENURE_PLUGIN_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TENURE_STATIC_ASSERT(condition, text) static_assert(condition, text)
extern "C" {
#else
#define TENURE_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#if defined(__GNUC__)
#define TENURE_EXPORT __attribute__((visibility("default")))
#else
#define TENURE_EXPORT
#endif

#define TENURE_ABI_MAJOR 1u
#define TENURE_ABI_MINOR 0u
#define TENURE_ENTRY_SYMBOL "tenure_plugin_entry_v1"

/* The codes of google.rpc.Code (S12). */
typedef int32_t tenure_code;
#define TENURE_OK 0
#define TENURE_CANCELLED 1
#define TENURE_UNKNOWN 2
#define TENURE_INVALID_ARGUMENT 3
#define TENURE_DEADLINE_EXCEEDED 4
#define TENURE_RESOURCE_EXHAUSTED 8
#define TENURE_FAILED_PRECONDITION 9
#define TENURE_UNIMPLEMENTED 12
#define TENURE_INTERNAL 13

/* Types of columns; the layout is Arrow's primitive one, 64-byte aligned. */
#define TENURE_BOOL 1u      /* uint8_t, 0 or 1 */
#define TENURE_INT64 2u     /* int64_t */
#define TENURE_DOUBLE 3u    /* double */
#define TENURE_STRING 4u    /* int32_t codes into the column's dictionary */
#define TENURE_TIMESTAMP 5u /* int64_t, microseconds since the Unix epoch, UTC */
#define TENURE_DURATION 6u  /* int64_t, microseconds */

/* tenure_field.flags. The host never hands a plugin an eligible row without a required value. */
#define TENURE_FIELD_REQUIRED 1u

/* tenure_manifest.guarantees (S14). */
#define TENURE_DETERMINISTIC 1u
#define TENURE_BATCH_INVARIANT 2u

/* tenure_result.status, one per row and offer. */
#define TENURE_CELL_OK 1u
#define TENURE_CELL_DECLINED 2u /* nothing to propose; `reason` says why */
#define TENURE_CELL_ERROR 3u    /* this cell failed; the others stand */

/* tenure_result.basis: what the value rests on. */
#define TENURE_BASIS_ASSUMED 1u  /* a prior */
#define TENURE_BASIS_POOLED 2u   /* shrunk from related campaigns or segments */
#define TENURE_BASIS_MEASURED 3u /* a randomised contrast of this campaign */

/* Levels of tenure_host.log. */
#define TENURE_LOG_INFO 1u
#define TENURE_LOG_WARNING 2u
#define TENURE_LOG_ERROR 3u

/* ---- Frozen leaves: never grow; sizes and offsets are asserted below. ---- */

/* UTF-8, borrowed, not NUL-terminated. */
typedef struct tenure_str {
  const char* data;
  uint64_t size;
} tenure_str;

/* The strings of a column. The same dict_id means the same content: look-ups may be cached. */
typedef struct tenure_dict {
  uint64_t count;
  const tenure_str* entries;
  uint64_t dict_id;
} tenure_dict;

/* One column. Bit i % 64 of validity[i / 64] says whether row i has a value; without one, what
 * stands in `values` means nothing. */
typedef struct tenure_column {
  uint32_t dtype;
  uint32_t flags; /* 0 */
  const void* values;
  const uint64_t* validity;
  const tenure_dict* dict; /* TENURE_STRING only; null while no row has a value */
  uint64_t reserved;       /* 0 */
} tenure_column;

/* The caller's buffer for a message: the callee writes at most `capacity` bytes and sets `length`.
 */
typedef struct tenure_error {
  uint64_t capacity;
  uint64_t length;
  char* text;
} tenure_error;

/* A column that a plugin reads. */
typedef struct tenure_field {
  tenure_str name;
  uint32_t dtype;
  uint32_t flags;
} tenure_field;

/* A reason for declining, from 1 up. */
typedef struct tenure_reason {
  int32_t code;
  int32_t reserved; /* 0 */
  tenure_str text;
} tenure_reason;

/* ---- Growing structs: struct_size first, then fields that are only ever appended (S2). ---- */

/* One offer of a campaign, as the rule set declares it. */
typedef struct tenure_offer {
  uint64_t struct_size;
  tenure_str id;
  int64_t contact_cost_micros;
  double discount_rate;        /* share of the next order, 0 to 1 */
  int64_t discount_micros;     /* fixed amount off */
  int64_t max_discount_micros; /* the most discount_rate can take off; stated where that is > 0 */
  double redemption;           /* probability of redeeming given a purchase */
  int32_t valid_days;
  int32_t reserved;
} tenure_offer;

/* What a policy is made of; borrowed during policy_create. */
typedef struct tenure_policy_config {
  uint64_t struct_size;
  tenure_str params_json; /* canonical JSON that satisfies the manifest's schema (S18) */
  uint64_t offer_count;
  const tenure_offer* const* offers;
} tenure_policy_config;

typedef struct tenure_batch {
  uint64_t struct_size;
  uint64_t row_count;
  uint64_t column_count; /* that of the manifest, in its order */
  const tenure_column* columns;
  const uint64_t* row_seed;        /* one per row: the only randomness there is */
  int64_t decision_time_us;        /* microseconds since the Unix epoch */
  int64_t deadline_ns;             /* on the monotonic clock; 0: none */
  const volatile uint32_t* cancel; /* not 0: stop and return TENURE_CANCELLED (S11) */
  uint64_t offer_count;            /* that of the policy */
  const uint8_t* eligible;         /* row_count × offer_count, row-major; 0: cell is ignored */
} tenure_batch;

/* Host-allocated arrays of row_count × offer_count, row-major. Every eligible cell is written: its
 * status always, `reason` where DECLINED or ERROR, all the rest where OK. */
typedef struct tenure_result {
  uint64_t struct_size;
  uint64_t cell_count;
  double* gross_value;       /* expected incremental margin, currency units; may be negative */
  double* value_stderr;      /* its standard error, >= 0 */
  double* p_baseline;        /* P(purchase in the response window) without the offer, 0 to 1 */
  double* p_treated;         /* with it, 0 to 1; the uplift is the difference */
  double* expected_cost;     /* currency units, >= 0 */
  int64_t* liability_micros; /* the most it can cost while valid, >= expected cost */
  uint8_t* basis;
  uint8_t* status;
  int32_t* reason;
} tenure_result;

/* What the plugin is; static and constant (S16). */
typedef struct tenure_manifest {
  uint64_t struct_size;
  tenure_str id; /* lower-case letters, digits and '_'; at most 64 bytes */
  tenure_str version;
  tenure_str vendor;
  tenure_str license;
  tenure_str contact;
  tenure_str description;
  uint64_t stage_count; /* lifecycle stages it is meant for; 0: any */
  const tenure_str* stages;
  uint64_t column_count;
  const tenure_field* columns;
  uint64_t reason_count;
  const tenure_reason* reasons;
  tenure_str config_schema_json; /* JSON Schema of an object; additionalProperties: false (S19) */
  uint32_t feature_schema;       /* version of the columns' meaning (S3): 1 */
  uint32_t guarantees;
} tenure_manifest;

/* The host's services, for policy_create and worker_create; valid as long as the policy. */
typedef struct tenure_host {
  uint64_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  void* ctx;
  void (*log)(void* ctx, uint32_t level, tenure_str text); /* thread-safe */
  /* Null where the host has no such extension. */
  const void* (*get_extension)(void* ctx, tenure_str name);
} tenure_host;

typedef struct tenure_policy tenure_policy; /* the plugin's own; const while proposing */
typedef struct tenure_worker tenure_worker; /* the plugin's own scratch space */

typedef struct tenure_plugin {
  uint64_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t min_host_minor;
  uint32_t reserved;
  const tenure_manifest* (*describe)(void);
  tenure_code (*policy_create)(const tenure_host* host, const tenure_policy_config* config,
                               tenure_policy** policy, tenure_error* error);
  void (*policy_destroy)(tenure_policy* policy);
  tenure_code (*worker_create)(const tenure_policy* policy, tenure_worker** worker,
                               tenure_error* error);
  void (*worker_destroy)(const tenure_policy* policy, tenure_worker* worker);
  tenure_code (*propose)(const tenure_policy* policy, tenure_worker* worker,
                         const tenure_batch* batch, tenure_result* result, tenure_error* error);
  const void* (*get_extension)(tenure_str name); /* may be null */
} tenure_plugin;

TENURE_EXPORT const tenure_plugin* tenure_plugin_entry_v1(void);

/* Sizes and offsets of major 1. */
TENURE_STATIC_ASSERT(sizeof(void*) == 8, "64-bit only");
TENURE_STATIC_ASSERT(sizeof(tenure_str) == 16, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_str, size) == 8, "frozen");
TENURE_STATIC_ASSERT(sizeof(tenure_dict) == 24, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_dict, dict_id) == 16, "frozen");
TENURE_STATIC_ASSERT(sizeof(tenure_column) == 40, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_column, values) == 8, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_column, validity) == 16, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_column, dict) == 24, "frozen");
TENURE_STATIC_ASSERT(sizeof(tenure_error) == 24, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_error, text) == 16, "frozen");
TENURE_STATIC_ASSERT(sizeof(tenure_field) == 24, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_field, dtype) == 16, "frozen");
TENURE_STATIC_ASSERT(sizeof(tenure_reason) == 24, "frozen");
TENURE_STATIC_ASSERT(offsetof(tenure_reason, text) == 8, "frozen");
/* The 1.0 part of the growing ones: a field may be added after it, never inside. */
TENURE_STATIC_ASSERT(offsetof(tenure_offer, valid_days) == 64, "append only");
TENURE_STATIC_ASSERT(offsetof(tenure_policy_config, offers) == 32, "append only");
TENURE_STATIC_ASSERT(offsetof(tenure_batch, eligible) == 72, "append only");
TENURE_STATIC_ASSERT(offsetof(tenure_result, reason) == 80, "append only");
TENURE_STATIC_ASSERT(offsetof(tenure_manifest, guarantees) == 172, "append only");
TENURE_STATIC_ASSERT(offsetof(tenure_host, get_extension) == 32, "append only");
TENURE_STATIC_ASSERT(offsetof(tenure_plugin, get_extension) == 72, "append only");

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TENURE_PLUGIN_H_ */
