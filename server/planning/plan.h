// The plan of a budget's period: everybody through the same evaluation as decisions, then the
// planner. Its prices join plan and moment; its segments are frozen.
#ifndef TENURE_SERVER_PLANNING_PLAN_H_
#define TENURE_SERVER_PLANNING_PLAN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/time.h"
#include "server/customers/population.h"
#include "server/decision/world.h"
#include "server/journal/records.h"
#include "server/planning/arrivals.h"
#include "server/planning/envelopes.h"

namespace tenure::planning {

struct PlanRequest {
  std::string budget;
  int64_t at_us = 0;
  // The open one, which holds `at_us`: its instants may be those of an earlier time zone or kind of
  // period. None: the calendar one.
  std::optional<Window> period;
  // Of the whole in that period, with what was carried over; none: as declared.
  std::optional<int64_t> limit_micros;
  // What the period's nodes already hold or have spent, and what those of the period before did;
  // missing: nothing.
  MicrosByPath used_micros, last_spend_micros;
  ArrivalCounts arrivals;
  int64_t deadline_monotonic_us = 0;          // 0: none; then the best plan so far
  const std::atomic<bool>* cancel = nullptr;  // CANCELLED when it turns true
  std::function<void(double)> progress;       // fraction done; from any thread; may be empty
  int threads = 2;
};

// One chosen offer, for those who check a plan.
struct Choice {
  uint32_t customer = 0;
  int32_t campaign = 0, offer = 0;
  double value = 0;  // net of expected cost, before prices
  int64_t charge_micros = 0;
  double uses = 1;  // how often it is expected to be given until the period ends
};

struct Plan {
  journal::PlanRecord record;   // without caller and request id
  std::vector<Choice> choices;  // by customer
};

// The same population, world and request give the same bytes, whatever the number of threads.
// NOT_FOUND for an unknown budget; FAILED_PRECONDITION without customers or a value model;
// CANCELLED; INVALID_ARGUMENT when floors exceed the budget, naming them. Thread-safe.
absl::StatusOr<Plan> MakePlan(const decision::World& world, const customers::Population& population,
                              const PlanRequest& request);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_PLAN_H_
