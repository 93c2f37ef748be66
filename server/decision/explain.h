// Why each campaign was, or was not, chosen: derived from the record when someone asks.
#ifndef TENURE_SERVER_DECISION_EXPLAIN_H_
#define TENURE_SERVER_DECISION_EXPLAIN_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/batch/batch.h"
#include "server/decision/world.h"
#include "server/journal/records.h"

namespace tenure::decision {

struct OperandValue {
  std::string text;   // "days_since_last_purchase"
  std::string value;  // "12", "missing"
};

// One for each of ViewCandidates, in its order.
struct CandidateExplanation {
  std::string campaign, offer;  // ids; offer empty for the campaign as a whole
  journal::Outcome outcome = journal::Outcome::kFiltered;
  journal::Gate gate = journal::Gate::kNone;
  std::string text;        // which cap, budget node, missing name; the policy's error
  std::string rule;        // the gate's rule: "campaigns.yaml:12", "cap weekly"
  std::string expression;  // of the failing condition
  std::vector<OperandValue> operands;
  std::string sentence;  // for a person
};

struct Explanation {
  std::string headline;
  std::vector<std::pair<std::string, std::string>> features;  // name, value; missing ones left out
  std::vector<CandidateExplanation> candidates;
};

// `rules` must be the record's rule set (by hash): FAILED_PRECONDITION otherwise.
absl::StatusOr<Explanation> Explain(const rules::RuleSet& rules,
                                    const journal::DecisionRecord& record);

// The feature row of a record: exact, self-describing. Decode needs the rule set's schema and is
// DATA_LOSS when the bytes do not match it.
std::string EncodeFeatures(const Batch& features, size_t row);
absl::StatusOr<Batch> DecodeFeatures(const rules::RuleSet& rules, absl::string_view bytes);

// Takes the decision again from the record alone: gates from the feature row, scores from the
// recorded proposals and prices, the walk from the recorded conditions. OK when every bit of the
// outcome agrees; DATA_LOSS naming the first difference.
// `at_us` is the time of the decision's entry.
absl::Status Replay(const rules::RuleSet& rules, const journal::DecisionRecord& record,
                    int64_t at_us);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_EXPLAIN_H_
