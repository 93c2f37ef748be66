// The reference evaluator: every type of the language, one value at a time.
#ifndef TENURE_SERVER_EXPRESSION_EVALUATOR_H_
#define TENURE_SERVER_EXPRESSION_EVALUATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/expression/bounds.h"
#include "server/expression/checker.h"
#include "server/expression/node.h"
#include "server/expression/problem.h"
#include "server/expression/value.h"

namespace tenure::expression {

// Where variables get their values from.
class Activation {
 public:
  virtual ~Activation() = default;
  // The value of a declared variable, or an error of kind kNoSuchAttribute that names it.
  virtual Value Find(const std::string& name) const = 0;
};

class MapActivation final : public Activation {
 public:
  explicit MapActivation(absl::flat_hash_map<std::string, Value> values)
      : values_(std::move(values)) {}
  Value Find(const std::string& name) const override;

 private:
  absl::flat_hash_map<std::string, Value> values_;
};

Value NoSuchAttribute(const std::string& name);

// Parses and checks; null and all problems when refused. The tree is immutable: thread-safe.
std::shared_ptr<const Node> Compile(absl::string_view text, const Declarations& declarations,
                                    const Bounds& bounds, std::vector<Problem>* problems);

// The value, or the error that stands for it. `steps`, where given, receives the cost. Thread-safe.
Value Evaluate(const Node& node, const Activation& activation, const Bounds& bounds,
               uint64_t* steps = nullptr);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_EVALUATOR_H_
