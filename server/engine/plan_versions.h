// The versions of plans: each that came into force is an entry of the journal and stays there.
#ifndef TENURE_SERVER_ENGINE_PLAN_VERSIONS_H_
#define TENURE_SERVER_ENGINE_PLAN_VERSIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/journal/journal.h"
#include "server/journal/records.h"

namespace tenure::engine {

struct PlanVersion {
  uint64_t seq = 0;   // the entry that recorded it
  int64_t at_us = 0;  // and its time
  journal::PlanRecord record;
};

// A plan's id carries its place in the journal, so that any of them is read at once.
std::string PlanId(uint64_t seq);
// 0 where it is none.
uint64_t PlanOfId(absl::string_view id);

// The plan that an entry recorded. NOT_FOUND where it recorded something else. Thread-safe.
absl::StatusOr<PlanVersion> ReadPlan(const journal::Journal& journal, uint64_t seq);

struct PlanPage {
  std::vector<PlanVersion> versions;  // newest first
  uint64_t next = 0;                  // the entry that the next page begins with; 0: that was all
};

// At most so many from the entry `from` back, of all budgets or of one, without what they say of
// single customers. INVALID_ARGUMENT where `from` is no plan of that budget. Thread-safe.
absl::StatusOr<PlanPage> ReadPlans(const journal::Journal& journal, absl::string_view budget,
                                   uint64_t from, size_t most);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_PLAN_VERSIONS_H_
