// What the rules make of the customer of one test case.
#ifndef TENURE_SERVER_RULES_CASE_OUTCOME_H_
#define TENURE_SERVER_RULES_CASE_OUTCOME_H_

#include <string>
#include <vector>

#include "server/batch/batch.h"
#include "server/rules/rule_set.h"
#include "server/rules/test_case.h"

namespace tenure::rules {

struct CampaignOutcome {
  std::string gate;    // that filtered it: schedule, stage, eligibility, missing; empty: eligible
  std::string detail;  // the operands, or the missing name
};

struct CaseOutcome {
  std::vector<int> stage_before;  // by track; kNoStage where none
  std::vector<int> stage_after;
  std::vector<bool> in_segment;
  std::vector<CampaignOutcome> campaigns;
  std::vector<size_t> budget_segment;  // by budget: index into its segments
};

// `batch` holds the case's row (case_row.h); stages and segments are written into it.
CaseOutcome EvaluateCase(const TestCase& test, const RuleSet& rules, Batch* batch);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_CASE_OUTCOME_H_
