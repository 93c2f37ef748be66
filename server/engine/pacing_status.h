// What operators are told of a paced budget.
#ifndef TENURE_SERVER_ENGINE_PACING_STATUS_H_
#define TENURE_SERVER_ENGINE_PACING_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "server/base/time.h"
#include "server/journal/records.h"

namespace tenure::engine {

struct PacingStatus {
  std::string budget;
  int64_t last_decision_us = 0;  // that weighed an offer of it; 0: none yet
  int64_t corrected_us = 0;      // the last correction; 0: none since rules or plan are new
  bool learned = false;          // the hours of decisions are known
  std::optional<int64_t> day_max_micros;
  int64_t day_used_micros = 0;  // held and committed of holds placed in `day`
  Window day{0, 0};             // the local one, which holds the asked instant
  journal::PacingRecord in_force;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_PACING_STATUS_H_
