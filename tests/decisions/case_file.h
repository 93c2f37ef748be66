// A YAML file of tests/decisions: rules, model, customers, and what is to be decided.
//
//   rules: default | {files: {name.yaml: text}}      default: rules/default of the tree
//   at: 2018-01-03T15:00:00Z                         when the customers' events are in
//   model: {model: mbg_nbd, parameters: [r, alpha, a, b], spend: [p, q, v], margin_rate: 0.12}
//   plan: lifecycle                                  optional: plan this budget first
//   customers:
//     ann: [{at: 2017-06-01, purchase: 120, category: Technology}, {consent: email}, …]
//   decisions:
//     - {name: …, customer: ann, select: welcome/ten | nothing, outcomes: {loyalty: FILTERED
//     stage}}
//     - {after: 7d}                                  lets time pass, {release: last}, {commit:
//     last}
#ifndef TENURE_TESTS_DECISIONS_CASE_FILE_H_
#define TENURE_TESTS_DECISIONS_CASE_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/value_model.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::decisions {

struct Step {
  std::string name;
  std::string customer;  // empty: no decision but one of the next three
  int64_t after_us = 0;
  bool commit_last = false, release_last = false;
  std::string select;  // "campaign/offer", several with a space between, or "nothing"
  std::string why;     // a part of the one line of why; empty: any
  // Campaign or campaign/offer → "OUTCOME gate text", as far as it is written.
  std::vector<std::pair<std::string, std::string>> outcomes;
};

struct CaseFile {
  std::vector<rules::Source> sources;
  int64_t at_us = 0;
  clv::ValueParameters parameters;
  double margin_rate = 1;
  std::string plan;
  std::vector<journal::EventRecord> events;
  std::vector<Step> steps;
};

// INVALID_ARGUMENT naming the file and what is wrong.
absl::StatusOr<CaseFile> ReadCaseFile(const std::string& path, const std::string& default_rules);

}  // namespace tenure::decisions

#endif  // TENURE_TESTS_DECISIONS_CASE_FILE_H_
