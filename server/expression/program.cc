#include "server/expression/program.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/expression/compiler.h"
#include "server/expression/declarations.h"
#include "server/expression/explanation.h"
#include "server/expression/folding.h"
#include "server/expression/plan.h"
#include "server/expression/row.h"

namespace tenure::expression {
namespace {

void CollectNames(const Node& node, std::set<std::string>* names) {
  if (node.kind == NodeKind::kName && !node.local) names->insert(node.name);
  for (const auto& argument : node.arguments) CollectNames(*argument, names);
}

// `x ? 1 : 1.5` is a number, whichever of them it is.
StaticType ResultTypeOf(const Node& node) {
  if (node.kind == NodeKind::kCall && node.operation == Operation::kConditional) {
    const StaticType yes = ResultTypeOf(*node.arguments[1]);
    const StaticType no = ResultTypeOf(*node.arguments[2]);
    const auto number = [](StaticType t) {
      return t == StaticType::kInt || t == StaticType::kDouble;
    };
    if (yes != no && number(yes) && number(no)) return StaticType::kDouble;
  }
  return node.type;
}

std::optional<DType> DTypeOf(StaticType type) {
  switch (type) {
    case StaticType::kBool:
      return DType::kBool;
    case StaticType::kInt:
      return DType::kInt64;
    case StaticType::kDouble:
      return DType::kDouble;
    case StaticType::kString:
      return DType::kString;
    case StaticType::kTimestamp:
      return DType::kTimestamp;
    case StaticType::kDuration:
      return DType::kDuration;
    default:
      return std::nullopt;
  }
}

// The scratch of this thread, grown to what the largest program needs and then reused.
std::unique_ptr<Lane>* ThreadLanes(size_t count) {
  static thread_local std::vector<std::unique_ptr<Lane>> lanes;
  while (lanes.size() < count) lanes.push_back(std::make_unique<Lane>());
  return lanes.data();
}

const Binding* FindBinding(const Plan& plan, const Schema* schema) {
  for (const auto& slot : plan.bindings) {
    const Binding* binding = slot.load(std::memory_order_acquire);
    if (binding == nullptr || binding->schema.get() == schema) return binding;
  }
  return nullptr;
}

// Keeps the binding for later calls where a place is free; null where none is.
const Binding* Remember(const Plan& plan, Binding binding) {
  auto kept = std::make_unique<const Binding>(std::move(binding));
  for (auto& slot : plan.bindings) {
    const Binding* expected = nullptr;
    if (slot.compare_exchange_strong(expected, kept.get(), std::memory_order_acq_rel)) {
      return kept.release();
    }
    if (expected->schema == kept->schema) return expected;
  }
  return nullptr;
}

// Without an early exit, so that the compiler makes vectors of it.
bool IsContiguous(const uint32_t* rows, size_t count) {
  uint32_t differences = 0;
  for (uint32_t i = 0; i < count; ++i) differences |= rows[i] ^ (rows[0] + i);
  return differences == 0;
}

// Calls done(lane, first, count) for each chunk of rows.
template <typename Done>
void ForEachChunk(const Plan& plan, const Batch& batch, absl::Span<const uint32_t> rows,
                  const Done& done) {
  const Binding* binding = FindBinding(plan, &batch.schema());
  Binding temporary;
  if (binding == nullptr) {
    temporary = Bind(plan, batch.shared_schema());
    binding = Remember(plan, temporary);
    if (binding == nullptr) binding = &temporary;
  }
  absl::InlinedVector<ColumnView, 16> columns;
  for (const size_t position : binding->positions) columns.push_back(batch.column(position));
  std::unique_ptr<Lane>* lanes = ThreadLanes(plan.step->lanes());
  for (size_t first = 0; first < rows.size(); first += kChunkRows) {
    const size_t count = std::min(kChunkRows, rows.size() - first);
    const uint32_t* from = rows.data() + first;
    const bool contiguous = IsContiguous(from, count);
    plan.step->Run({&batch, columns.data(), from, count, contiguous, lanes}, 0);
    done(*lanes[0], first, count);
  }
}

}  // namespace

Plan::~Plan() {
  for (auto& slot : bindings) delete slot.load();
}

Binding Bind(const Plan& plan, const std::shared_ptr<const Schema>& schema) {
  Binding binding{schema, {}};
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    const std::optional<size_t> position = schema->Find(plan.columns[i]);
    TENURE_CHECK(position.has_value() && schema->field(*position).dtype == plan.dtypes[i]);
    binding.positions.push_back(*position);
  }
  return binding;
}

Program::Program(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
Program::~Program() = default;

std::shared_ptr<const Program> Program::Compile(absl::string_view text, const Schema& schema,
                                                std::vector<Problem>* problems) {
  std::vector<Problem> unread;
  if (problems == nullptr) problems = &unread;
  auto plan = std::make_unique<Plan>();
  plan->text = std::string(text);
  plan->node = expression::Compile(text, DeclarationsOf(schema), plan->bounds, problems);
  if (plan->node == nullptr) return nullptr;
  const StaticType type = ResultTypeOf(*plan->node);
  const std::optional<DType> result = DTypeOf(type);
  if (!result) {
    problems->push_back({ProblemKind::kCheck, 0, text.size(),
                         absl::StrCat("the result is of type ", StaticTypeName(type),
                                      ", which no rule can use; convert it, as in int(…)"),
                         ""});
    return nullptr;
  }
  plan->result = *result;
  std::set<std::string> names;
  CollectNames(*plan->node, &names);
  plan->columns.assign(names.begin(), names.end());
  for (const std::string& name : plan->columns) {
    plan->dtypes.push_back(schema.field(*schema.Find(name)).dtype);
  }
  if (*result == DType::kBool) plan->constant = FoldCondition(*plan->node, plan->bounds);
  plan->step = CompileSteps(*plan->node, type, plan->columns, plan->bounds);
  return std::shared_ptr<const Program>(new Program(std::move(plan)));
}

DType Program::result_type() const { return plan_->result; }
const std::string& Program::text() const { return plan_->text; }
const std::vector<std::string>& Program::columns() const { return plan_->columns; }

bool Program::IsConstant(bool* value) const {
  if (plan_->constant) *value = *plan_->constant;
  return plan_->constant.has_value();
}

void Program::Test(const Batch& batch, absl::Span<const uint32_t> rows,
                   absl::Span<Truth> out) const {
  TENURE_CHECK(plan_->result == DType::kBool && rows.size() == out.size());
  if (rows.empty()) return;
  ForEachChunk(*plan_, batch, rows, [out](Lane& lane, size_t first, size_t count) {
    std::memcpy(out.data() + first, lane.states.data(), count);
  });
}

absl::Status Program::EvaluateDoubles(const Batch& batch, absl::Span<const uint32_t> rows,
                                      absl::Span<double> out, absl::Span<uint8_t> valid) const {
  if (plan_->result == DType::kString) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", plan_->text, "\" is a string, where a number is needed"));
  }
  TENURE_CHECK(rows.size() == out.size() && rows.size() == valid.size());
  if (rows.empty()) return absl::OkStatus();
  const DType result = plan_->result;
  ForEachChunk(*plan_, batch, rows, [&](Lane& lane, size_t first, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const uint8_t state = lane.states[i];
      const bool present = result == DType::kBool ? state <= kPresent : state == kPresent;
      double value = 0;
      if (present && result == DType::kBool) value = state;
      if (present && result == DType::kDouble) value = lane.doubles()[i];
      if (present && result != DType::kBool && result != DType::kDouble) {
        value = static_cast<double>(lane.ints()[i]);
      }
      out[first + i] = value;
      valid[first + i] = present ? 1 : 0;
    }
  });
  return absl::OkStatus();
}

std::vector<Operand> Program::Explain(const Batch& batch, uint32_t row,
                                      std::string* missing) const {
  return expression::Explain(*plan_->node, plan_->text, RowActivation(batch, row), plan_->bounds,
                             missing);
}

}  // namespace tenure::expression
