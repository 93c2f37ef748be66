// Everybody's candidates and budget segments: the planner's raw material.
#ifndef TENURE_SERVER_PLANNING_APPRAISAL_H_
#define TENURE_SERVER_PLANNING_APPRAISAL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/customers/population.h"
#include "server/decision/world.h"
#include "server/journal/records.h"

namespace tenure::planning {

// An offer that the planner may choose for a customer.
struct Appraised {
  uint32_t customer = 0;
  int32_t segment = 0;  // of the budget
  int32_t campaign = 0, offer = 0;
  int64_t charge_micros = 0;
  double value = 0, value_stderr = 0;
  uint8_t basis = 0;
};

// What a campaign's policy could not value: errors, refused numbers.
struct Unvalued {
  int64_t candidates = 0;
  std::string why;  // of the first customer's
};

struct Appraisal {
  std::vector<Appraised> candidates;  // by customer, campaign, offer
  std::vector<uint8_t> segment_of;    // by customer, customer 1 first
  std::vector<double> clv;            // by customer; 0 where missing
  // By customer: of the lifecycle, in the rules' order; the number of stages for none.
  std::vector<uint16_t> stage_of;
  std::vector<journal::PlanShareRecord> population;  // by segment, stage and tier
  int64_t held_out = 0;                              // customers in the global holdout
  std::map<int32_t, Unvalued> unvalued;  // by campaign of the budget; those without are not in it
};

struct AppraisalRequest {
  int32_t budget = 0;  // index into the rule set's budgets
  int64_t at_us = 0;
  int threads = 2;
  const std::atomic<bool>* cancel = nullptr;
  std::function<void(double)> progress;
};

// CANCELLED, or what a policy or an expression makes impossible. Deterministic, whatever `threads`.
absl::StatusOr<Appraisal> Appraise(const decision::World& world,
                                   const customers::Population& population,
                                   const AppraisalRequest& request);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_APPRAISAL_H_
