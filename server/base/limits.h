// Every limit of the server in one place; each is tested at the limit and one over.
#ifndef TENURE_SERVER_BASE_LIMITS_H_
#define TENURE_SERVER_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace tenure {

struct Limits {
  size_t id_bytes = 256;  // customer, event, request, budget, campaign ids
  size_t attributes_per_customer = 256;
  size_t attribute_value_bytes = 4'096;
  size_t events_per_chunk = 10'000;  // IngestEvents: events a message
  size_t unacknowledged_chunks = 4;  // IngestEvents: then the server stops reading
  size_t batch_decide_rows = 1'000;
  size_t rule_set_bytes = 4u << 20;     // all files of a rule set together
  size_t message_bytes = 16u << 20;     // one gRPC message
  size_t queue_depth = 16'384;          // commands waiting for the sequencer
  size_t commands_per_commit = 1'024;   // entries of one group commit, about
  uint32_t customers_per_tick = 4'096;  // evaluated by a tick before what waits has its turn
  size_t request_ids_kept = 1'000'000;  // then the oldest go, and it is counted
  int64_t request_id_hours = 24;
  int64_t dedupe_days = 30;
  int64_t deadline_ms = 60'000;  // longest a unary call may ask for
  int64_t plugin_call_ms = 50;   // one propose
  size_t page_size = 1'000;      // largest page of a List
};

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_LIMITS_H_
