// Steps that ask the reference evaluator row by row: for what has no column form (lists, maps,
// macros, uint, bytes). Correct by construction, and slow.
#ifndef TENURE_SERVER_EXPRESSION_REFERENCE_STEP_H_
#define TENURE_SERVER_EXPRESSION_REFERENCE_STEP_H_

#include <memory>

#include "server/expression/bounds.h"
#include "server/expression/node.h"
#include "server/expression/step.h"

namespace tenure::expression {

// `node` outlives the step. `type` is bool, int, double, timestamp, duration or string: a value
// of another type is kFailed; an int where double is wanted is converted.
std::unique_ptr<const Step> MakeReferenceStep(const Node& node, StaticType type,
                                              const Bounds& bounds);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_REFERENCE_STEP_H_
