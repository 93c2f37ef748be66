// Runs the cases beside a rule set, and says which rules no case reaches.
#ifndef TENURE_SERVER_RULES_TEST_RUNNER_H_
#define TENURE_SERVER_RULES_TEST_RUNNER_H_

#include <string>
#include <vector>

#include "server/rules/compiler.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

struct CaseResult {
  std::string name;
  Mark mark;
  std::vector<Problem> failures;  // each at the expectation that does not hold
};

// "entering the stage \"dormant\"", and where the rule stands.
struct UnreachedRule {
  std::string what;
  Mark mark;
};

struct TestReport {
  std::vector<Problem> problems;  // of the test files themselves; their cases are not run
  std::vector<CaseResult> cases;
  size_t rules = 0;  // that a case can reach
  std::vector<UnreachedRule> unreached;

  bool passed() const;
};

// Each case is evaluated as a decision would: one step of every track, segments, then each
// campaign's schedule, stages and eligibility, and the segment of each budget. Thread-safe.
TestReport RunTests(const RuleSet& rules, const std::vector<Source>& tests);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_TEST_RUNNER_H_
