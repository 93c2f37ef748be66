// The cases beside a rule set (*_test.yaml): a customer, and what the rules should make of them.
#ifndef TENURE_SERVER_RULES_TEST_CASE_H_
#define TENURE_SERVER_RULES_TEST_CASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/base/time.h"
#include "server/rules/problems.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

enum class CaseEventKind : uint8_t { kPurchase, kRefund, kEngagement, kContact };

struct CaseEvent {
  int64_t at_us = 0;
  CaseEventKind kind = CaseEventKind::kPurchase;
  int64_t amount_micros = 0;  // of purchases and refunds
  std::optional<int64_t> margin_micros;
  std::string category;
  Mark mark;
};

// A value as written; typed by the column that it is for.
struct GivenFeature {
  std::string column;
  std::string text;
  Mark mark;
};

// Where the customer stood before.
struct CaseStanding {
  std::string stage;  // empty: on no stage yet
  int64_t since_us = 0;
  absl::flat_hash_map<std::string, int64_t> left_us;  // by stage
  Mark mark;
};

using MarkedText = std::pair<std::string, Mark>;

// What a case does not state is not tested.
struct Expectation {
  std::vector<std::pair<std::string, MarkedText>> stages;           // by track
  std::optional<std::vector<MarkedText>> segments;                  // exactly these
  std::optional<std::vector<MarkedText>> eligible;                  // campaigns: exactly these
  std::vector<std::pair<std::string, MarkedText>> not_eligible;     // campaign, gate
  std::vector<std::pair<std::string, MarkedText>> budget_segments;  // budget, segment
  Mark mark;
};

struct TestCase {
  std::string name;
  int64_t at_us = 0;
  std::vector<GivenFeature> features;
  std::vector<CaseEvent> events;
  absl::flat_hash_map<std::string, CaseStanding> from;  // by track
  Expectation expect;
  Mark mark;
};

// The cases of one file. Everything wrong with it, names that the rule set has not among them, is a
// problem.
std::vector<TestCase> ReadTestCases(const Source& source, const RuleSet& rules,
                                    ProblemList* problems);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_TEST_CASE_H_
