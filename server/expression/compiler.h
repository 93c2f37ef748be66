// A checked tree to steps over columns.
#ifndef TENURE_SERVER_EXPRESSION_COMPILER_H_
#define TENURE_SERVER_EXPRESSION_COMPILER_H_

#include <memory>
#include <string>
#include <vector>

#include "server/expression/bounds.h"
#include "server/expression/node.h"
#include "server/expression/step.h"

namespace tenure::expression {

// `node` outlives the steps; names are numbered by their place in `columns`. `type` is what the
// result is wanted as. What has no column form asks the reference evaluator.
std::unique_ptr<const Step> CompileSteps(const Node& node, StaticType type,
                                         const std::vector<std::string>& columns,
                                         const Bounds& bounds);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_COMPILER_H_
