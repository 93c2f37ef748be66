// What has been published and activated, as of an entry: part of the state.
#ifndef TENURE_SERVER_ENGINE_SETUP_H_
#define TENURE_SERVER_ENGINE_SETUP_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/time.h"
#include "server/clv/model_document.h"
#include "server/customers/population.h"
#include "server/engine/model_versions.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::engine {

struct ActivePlan {
  uint64_t seq = 0;
  std::shared_ptr<const journal::PlanRecord> record;
};

// What a re-plan is judged by, of the plan made last of a budget; also when its period is over.
struct PlanMade {
  uint64_t seq = 0;
  int64_t at_us = 0;
  int64_t end_us = 0;          // of its period
  int64_t used_micros = 0;     // of what is planned for, when it was made
  int64_t planned_micros = 0;  // what it meant to spend beyond that
  uint64_t customers = 0;      // whom it knew
};

// A value: copied where it must be put back after a failed commit.
struct Setup {
  std::shared_ptr<const rules::RuleSet> rules;  // null before the first
  uint64_t rules_seq = 0;
  clv::ModelDocument models;  // none before the first
  std::shared_ptr<const journal::ModelRecord> model_record;
  uint64_t model_seq = 0;
  std::vector<ModelVersion> versions;       // the last ones, oldest first
  uint64_t last_model_entry = 0;            // where the chain of models begins; 0: there is none
  std::map<std::string, ActivePlan> plans;  // by budget; those whose period runs
  std::map<std::string, PlanMade> made;     // by budget, the last of each
  uint64_t last_plan_seq = 0;               // the last activated, whether or not it still runs
  std::map<std::string, Window> periods;    // by budget: the period opened last
  std::map<std::string, int64_t> carried;  // by budget: of that period's limit, from the one before
  std::map<std::string, uint64_t> published;  // hash of a rule set, its last publication
  int64_t last_tick_us = 0;                   // before any: the first entry's time
  bool stages_outdated = false;               // rules or model are newer than the last tick
  uint64_t salt = 0;                          // of decisions' seeds: from the first entry

  customers::Valuation valuation() const {
    customers::Valuation valuation;
    valuation.rules = rules;
    valuation.model = models.model;
    valuation.populations = models.populations;
    if (model_record != nullptr) valuation.cut_points = model_record->cut_points;
    return valuation;
  }
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_SETUP_H_
