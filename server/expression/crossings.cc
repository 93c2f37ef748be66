#include "server/expression/crossings.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/base/time.h"
#include "server/expression/evaluator.h"
#include "server/expression/folding.h"
#include "server/expression/plan.h"

namespace tenure::expression {
namespace {

constexpr double kRounding = std::numeric_limits<double>::epsilon();
// What the instants are early by, beyond the bound of the rounding errors.
constexpr double kEarlyUs = 1e6;
// Growth that differs by less than so many times its rounding errors is taken for the same. The
// values then differ by the same for ever, but for their rounding, which grows: by so much in this
// time, a hundred years.
constexpr double kSameGrowth = 1e3;
constexpr double kLongUs = 36'525 * 864e8;

std::optional<double> NumberOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kInt:
      return static_cast<double>(value.AsInt());
    case Kind::kUint:
      return static_cast<double>(value.AsUint());
    case Kind::kDouble:
      return value.AsDouble();
    case Kind::kDuration:
      return static_cast<double>(value.AsDuration().nanos) / 1e3;
    case Kind::kTimestamp:
      return static_cast<double>(value.AsTimestamp().seconds) * 1e6 +
             static_cast<double>(value.AsTimestamp().nanos) / 1e3;
    default:
      return std::nullopt;
  }
}

bool IsComparison(Operation operation) {
  return operation >= Operation::kEqual && operation <= Operation::kGreaterEqual;
}

bool IsLogic(Operation operation) {
  return operation == Operation::kOr || operation == Operation::kAnd ||
         operation == Operation::kNot || operation == Operation::kConditional;
}

}  // namespace

// Errors bound what rounding does to the value and to its growth.
struct Crossings::Line {
  double value = 0, growth = 0;
  double value_error = 0, growth_error = 0;
};

class Crossings::Collector {
 public:
  Collector(const Plan& plan, const Schema& schema, absl::Span<const Motion> motions,
            Crossings* out)
      : plan_(plan), schema_(schema), motions_(motions), out_(*out) {}

  // Between two crossings each comparison, and so all logic over them, stays as it is.
  void Collect(const Node& node) {
    if (!Moves(node)) return;
    if (node.kind == NodeKind::kCall && IsLogic(node.operation)) {
      for (const auto& argument : node.arguments) Collect(*argument);
      return;
    }
    if (node.kind == NodeKind::kCall && IsComparison(node.operation) &&
        (AddBound(*node.arguments[0], *node.arguments[1]) ||
         AddBound(*node.arguments[1], *node.arguments[0]))) {
      return;
    }
    Comparison comparison;
    if (node.kind == NodeKind::kCall && IsComparison(node.operation) &&
        Terms(*node.arguments[0], &comparison.left) &&
        Terms(*node.arguments[1], &comparison.right)) {
      out_.comparisons_.push_back(std::move(comparison));
    } else {
      out_.complete_ = false;
    }
  }

 private:
  bool AddBound(const Node& known, const Node& bound) {
    const std::optional<size_t> column = ColumnOf(known);
    std::vector<Term> terms;
    if (!column.has_value() || motions_[*column] != Motion::kKnown || Moves(bound) ||
        !Terms(bound, &terms)) {
      return false;
    }
    out_.bounds_.push_back(std::move(terms));
    return true;
  }

  std::optional<size_t> ColumnOf(const Node& node) const {
    return node.kind == NodeKind::kName && !node.local ? schema_.Find(node.name) : std::nullopt;
  }

  // Whether time alone can change the value. Presence it can't.
  bool Moves(const Node& node) const {
    if (node.kind == NodeKind::kHas) return false;
    const std::optional<size_t> column = ColumnOf(node);
    if (column.has_value()) return motions_[*column] != Motion::kStill;
    return std::any_of(node.arguments.begin(), node.arguments.end(),
                       [&](const auto& argument) { return Moves(*argument); });
  }

  bool Terms(const Node& node, std::vector<Term>* terms) const {
    if (IsClosed(node)) {
      const std::optional<double> number =
          NumberOf(Evaluate(node, MapActivation({}), plan_.bounds));
      if (number.has_value()) terms->push_back({Act::kConstant, *number});
      return number.has_value();
    }
    if (const std::optional<size_t> column = ColumnOf(node)) return Column(*column, terms);
    if (node.kind != NodeKind::kCall) return false;
    if (node.operation == Operation::kToDouble) return Terms(*node.arguments[0], terms);
    if (node.operation == Operation::kNegate) {
      if (!Terms(*node.arguments[0], terms)) return false;
      terms->push_back({Act::kNegate});
      return true;
    }
    const std::optional<Act> act = ActOf(node);
    if (!act.has_value() || !Terms(*node.arguments[0], terms) ||
        !Terms(*node.arguments[1], terms)) {
      return false;
    }
    terms->push_back({*act});
    return true;
  }

  bool Column(size_t column, std::vector<Term>* terms) const {
    const DType dtype = schema_.field(column).dtype;
    if (dtype == DType::kBool || dtype == DType::kString) return false;
    switch (motions_[column]) {
      case Motion::kStill:
        terms->push_back({Act::kColumn, 0, column});
        return true;
      case Motion::kDays:
        terms->push_back({Act::kColumn, 1 / static_cast<double>(kMicrosPerDay), column});
        return true;
      case Motion::kInstant:
        terms->push_back({Act::kColumn, 1, column});
        return true;
      case Motion::kKnown:
      case Motion::kAny:
        return false;
    }
    return false;
  }

  static std::optional<Act> ActOf(const Node& node) {
    switch (node.operation) {
      case Operation::kAdd:
        return Act::kAdd;
      case Operation::kSubtract:
        return Act::kSubtract;
      case Operation::kMultiply:
        return Act::kMultiply;
      case Operation::kDivide:  // whole numbers lose their remainder
        if (node.type == StaticType::kDouble) return Act::kDivide;
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  const Plan& plan_;
  const Schema& schema_;
  const absl::Span<const Motion> motions_;
  Crossings& out_;
};

Crossings::Crossings(const Program& condition, const Schema& schema,
                     absl::Span<const Motion> motions) {
  const Plan& plan = *condition.plan_;
  if (!plan.constant.has_value()) Collector(plan, schema, motions, this).Collect(*plan.node);
}

// False where a value is missing: then the comparison has no answer, whatever the time.
bool Crossings::Follow(const std::vector<Term>& terms, const Batch& batch, size_t row, Line* line) {
  absl::InlinedVector<Line, 8> stack;
  for (const Term& term : terms) {
    if (term.act == Act::kConstant || term.act == Act::kColumn) {
      Line& top = stack.emplace_back();
      top.value = term.constant;
      if (term.act == Act::kColumn) {
        const ColumnView column = batch.column(term.column);
        if (!column.IsValid(row)) return false;
        top.value = column.dtype == DType::kDouble ? column.Double(row)
                                                   : static_cast<double>(column.Int64(row));
        top.growth = term.constant;
      }
      top.value_error = kRounding * std::abs(top.value);
      top.growth_error = kRounding * std::abs(top.growth);
      continue;
    }
    if (term.act == Act::kNegate) {
      stack.back().value = -stack.back().value;
      stack.back().growth = -stack.back().growth;
      continue;
    }
    const Line b = stack.back();
    stack.pop_back();
    Line& a = stack.back();
    if (term.act == Act::kAdd || term.act == Act::kSubtract) {
      const double sign = term.act == Act::kAdd ? 1 : -1;
      a.value_error += b.value_error + kRounding * (std::abs(a.value) + std::abs(b.value));
      a.growth_error += b.growth_error + kRounding * (std::abs(a.growth) + std::abs(b.growth));
      a.value += sign * b.value;
      a.growth += sign * b.growth;
      continue;
    }
    // No line: the product of two that move, or one by one that does. NaN says so.
    const double nan = std::numeric_limits<double>::quiet_NaN();
    if (term.act == Act::kMultiply) {
      Line product;
      product.value = a.value * b.value;
      product.growth =
          a.growth != 0 && b.growth != 0 ? nan : a.growth * b.value + b.growth * a.value;
      product.value_error = std::abs(a.value) * b.value_error + std::abs(b.value) * a.value_error +
                            kRounding * std::abs(product.value);
      product.growth_error =
          std::abs(a.value) * b.growth_error + std::abs(b.value) * a.growth_error +
          std::abs(a.growth) * b.value_error + std::abs(b.growth) * a.value_error +
          kRounding * std::abs(product.growth);
      a = product;
    } else {
      const double by = std::abs(b.value);
      a.value /= b.value;
      a.growth = b.growth != 0 ? nan : a.growth / b.value;
      a.value_error =
          (a.value_error + std::abs(a.value) * b.value_error) / by + kRounding * std::abs(a.value);
      a.growth_error = (a.growth_error + std::abs(a.growth) * b.value_error) / by +
                       kRounding * std::abs(a.growth);
    }
  }
  *line = stack.back();
  return true;
}

double Crossings::Bound(size_t i, const Batch& batch, size_t row) const {
  Line line;
  const bool there = Follow(bounds_[i], batch, row, &line);
  return there ? line.value : std::numeric_limits<double>::quiet_NaN();
}

int64_t Crossings::Next(const Batch& batch, size_t row, int64_t at_us) const {
  int64_t next = kNever;
  for (const Comparison& comparison : comparisons_) {
    Line left, right;
    if (!Follow(comparison.left, batch, row, &left) ||
        !Follow(comparison.right, batch, row, &right)) {
      continue;
    }
    const double closing = right.growth - left.growth;
    const double value_errors = left.value_error + right.value_error;
    const double growth_errors = left.growth_error + right.growth_error;
    if (std::abs(closing) <= kSameGrowth * growth_errors) {
      const double apart = std::abs(left.value - right.value);
      if (growth_errors > 0 && !(apart > kSameGrowth * (value_errors + growth_errors * kLongUs))) {
        return at_us;
      }
      continue;
    }
    const double in_us = (left.value - right.value) / closing;
    const double errors =
        value_errors + (growth_errors + kRounding * std::abs(closing)) * std::abs(in_us);
    const double early_us = kEarlyUs + 4 * errors / std::abs(closing);
    if (std::isnan(early_us)) return at_us;
    if (in_us < -early_us) continue;
    const double wait_us = in_us - early_us;
    if (wait_us >= 9e18 - static_cast<double>(std::max(at_us, int64_t{0}))) continue;
    next = std::min(next, at_us + static_cast<int64_t>(std::max(wait_us, 0.0)));
  }
  return next;
}

}  // namespace tenure::expression
