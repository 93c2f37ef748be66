// A plan asked of a running engine: what it says of the budget goes into the request.
#ifndef TENURE_SERVER_PLANNING_PLAN_REQUEST_H_
#define TENURE_SERVER_PLANNING_PLAN_REQUEST_H_

#include <string>
#include <utility>

#include "server/engine/plan_basis.h"
#include "server/planning/plan.h"

namespace tenure::planning {

inline PlanRequest RequestOf(std::string budget, engine::PlanBasis basis) {
  PlanRequest request;
  request.budget = std::move(budget);
  request.at_us = basis.at_us;
  request.period = basis.period;
  if (basis.period.has_value()) request.limit_micros = basis.limit_micros;
  request.used_micros = std::move(basis.used_micros);
  request.last_spend_micros = std::move(basis.last_spend_micros);
  request.arrivals = {basis.arrival_days, std::move(basis.decisions)};
  return request;
}

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_PLAN_REQUEST_H_
