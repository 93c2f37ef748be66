#include "server/expression/compiler.h"

#include "server/expression/reference_step.h"

namespace tenure::expression {

std::unique_ptr<const Step> CompileSteps(const Node& node, StaticType type,
                                         const std::vector<std::string>&, const Bounds& bounds) {
  return MakeReferenceStep(node, type, bounds);
}

}  // namespace tenure::expression
