// Which population of the rule set's `value` customers are in.
#ifndef TENURE_SERVER_RULES_POPULATION_H_
#define TENURE_SERVER_RULES_POPULATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/expression/program.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

// Why the conditions of populations can't read a column: what it says follows from the population,
// or from a model. Empty where they can. `set` has all segments.
std::string WhyNoFact(absl::string_view column, const RuleSet& set);

// The segments that the conditions of populations read, and those that these read, in order.
std::vector<size_t> SegmentsOfPopulations(const RuleSet& set);

// What decides who is in a population (the rest: their number), as text: its condition and those of
// the populations before it, with the segments that they read. Who has another one has moved by
// themselves; where this differs the population is another one.
std::string DefinitionOf(const RuleSet& set, size_t population);

// Memory that is used again from batch to batch.
struct PopulationScratch {
  std::vector<uint32_t> rows;  // of no population so far
  std::vector<expression::Truth> truths;
};

// out[r] is the first population whose condition holds for row r of a batch of the rule set's
// schema, or their number for the rest: a condition that misses a value does not hold. Fills the
// columns of the segments that the conditions read.
void Divide(const RuleSet& set, Batch* batch, PopulationScratch* scratch, absl::Span<uint32_t> out);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_POPULATION_H_
