// What a Program holds.
#ifndef TENURE_SERVER_EXPRESSION_PLAN_H_
#define TENURE_SERVER_EXPRESSION_PLAN_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/batch/batch.h"
#include "server/expression/bounds.h"
#include "server/expression/evaluator.h"
#include "server/expression/step.h"

namespace tenure::expression {

// Where a schema has the plan's columns. Keeps the schema, so that its address stays its own.
struct Binding {
  std::shared_ptr<const Schema> schema;
  std::vector<size_t> positions;
};

struct Plan {
  std::string text;
  Bounds bounds;
  std::shared_ptr<const Node> node;
  std::vector<std::string> columns;  // sorted
  std::vector<DType> dtypes;
  DType result = DType::kBool;
  std::optional<bool> constant;
  std::unique_ptr<const Step> step;

  // The first few schemas seen are remembered for good; readers never wait.
  static constexpr size_t kBindings = 4;
  mutable std::array<std::atomic<const Binding*>, kBindings> bindings{};
  ~Plan();
};

// Checked: the schema has the plan's columns with their types.
Binding Bind(const Plan& plan, const std::shared_ptr<const Schema>& schema);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_PLAN_H_
