// The feature row of a test case.
#ifndef TENURE_SERVER_RULES_CASE_ROW_H_
#define TENURE_SERVER_RULES_CASE_ROW_H_

#include "server/batch/batch.h"
#include "server/rules/problems.h"
#include "server/rules/rule_set.h"
#include "server/rules/test_case.h"

namespace tenure::rules {

// Fills row 0: counts are 0, plain facts come from the case's events, and what the case states as a
// feature stands above both. Windows are (at - 30 d, at], as everywhere. Stages and segments are
// left to the rules. Where the margin of a purchase is unknown and `rules` state no margin_rate,
// margin_total is missing unless the case states it.
void FillCaseRow(const TestCase& test, const RuleSet& rules, Batch* batch, ProblemList* problems);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_CASE_ROW_H_
