// The steps of the columnar back end, by what they do. Operands are evaluated into lanes `out`,
// `out` + 1 …; the result replaces the first.
#ifndef TENURE_SERVER_EXPRESSION_STEPS_H_
#define TENURE_SERVER_EXPRESSION_STEPS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/expression/bounds.h"
#include "server/expression/step.h"
#include "server/expression/value.h"

namespace tenure::expression {

using StepPtr = std::unique_ptr<const Step>;

// Sets the states of absent rows of a column to kAbsent; leaves the others.
void MarkAbsent(const Chunk& chunk, const ColumnView& column, uint8_t* states);

// column_step.cc
StepPtr MakeColumnStep(StaticType type, size_t column);
StepPtr MakePresenceStep(size_t column);
// Null when lanes can't hold the value exactly. An error is kFailed in each row.
StepPtr MakeConstantStep(StaticType type, const Value& value);

// logic_step.cc
StepPtr MakeLogicStep(bool decisive, std::vector<StepPtr> terms);  // decisive: true for ||
StepPtr MakeNotStep(StepPtr condition);
StepPtr MakeConditionalStep(StepPtr condition, StepPtr yes, StepPtr no);  // of one type

// comparison_step.cc; null when the types have no column form together.
StepPtr MakeComparisonStep(Operation operation, StepPtr a, StepPtr b);
// A column of ints or doubles against a constant; null for other types, and where the column's type
// can't hold the constant exactly.
StepPtr MakeColumnComparisonStep(Operation operation, StaticType type, size_t column,
                                 const Value& constant);
StepPtr MakeNumberInStep(StepPtr number, const List& items);

// text_step.cc: a column of strings against a constant; null when the pattern is malformed.
StepPtr MakeTextStep(Operation operation, size_t column, const std::string& constant,
                     const Bounds& bounds);
StepPtr MakeTextInStep(size_t column, const List& items);

// number_step.cc; null when there is no column form.
StepPtr MakeArithmeticStep(Operation operation, StepPtr a, StepPtr b);
StepPtr MakeNegateStep(StepPtr number);
StepPtr MakeConversionStep(StaticType to, StepPtr from);
StepPtr MakeGetterStep(Operation getter, StepPtr of, const absl::TimeZone& zone);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_STEPS_H_
