#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "server/expression/comparison.h"
#include "server/expression/steps.h"

namespace tenure::expression {
namespace {

// Calls `use` with the comparison as a function object of two arguments.
template <typename Use>
void WithComparison(Operation operation, const Use& use) {
  switch (operation) {
    case Operation::kEqual:
      return use(std::equal_to<>());
    case Operation::kNotEqual:
      return use(std::not_equal_to<>());
    case Operation::kLess:
      return use(std::less<>());
    case Operation::kLessEqual:
      return use(std::less_equal<>());
    case Operation::kGreater:
      return use(std::greater<>());
    default:
      return use(std::greater_equal<>());
  }
}

// A number of one kind beside one of another: compares exactly through the ordering.
struct ExactInt {
  int64_t value;
};
bool operator==(ExactInt a, double b) { return Order(a.value, b) == 0; }
std::partial_ordering operator<=>(ExactInt a, double b) { return Order(a.value, b); }

// Calls `at` for each row; both operands must be there.
template <typename At>
void CombineStates(const uint8_t* b, size_t count, uint8_t* a, const At& at) {
  for (size_t i = 0; i < count; ++i) {
    const uint8_t result = at(i) ? 1 : 0;
    const uint8_t failure = a[i] != kPresent ? a[i] : b[i];
    a[i] = failure == kPresent ? result : failure;
  }
}

class ComparisonStep final : public Step {
 public:
  ComparisonStep(Operation operation, StepPtr a, StepPtr b)
      : Step(StaticType::kBool), operation_(operation), a_(std::move(a)), b_(std::move(b)) {}
  size_t lanes() const override { return std::max(a_->lanes(), 1 + b_->lanes()); }

  void Run(const Chunk& chunk, size_t out) const override {
    a_->Run(chunk, out);
    b_->Run(chunk, out + 1);
    Lane& a = *chunk.lanes[out];
    Lane& b = *chunk.lanes[out + 1];
    const bool a_double = a_->type() == StaticType::kDouble;
    const bool b_double = b_->type() == StaticType::kDouble;
    WithComparison(operation_, [&](auto holds) {
      uint8_t* states = a.states.data();
      const uint8_t* others = b.states.data();
      if (a_->type() == StaticType::kBool) {
        for (size_t i = 0; i < chunk.count; ++i) {
          const uint8_t failure = states[i] > kPresent ? states[i] : others[i];
          states[i] = failure > kPresent ? failure : holds(states[i], others[i]) ? 1 : 0;
        }
      } else if (a_->type() == StaticType::kString) {
        Compare(a.texts(), b.texts(), chunk.count, holds, others, states);
      } else if (a_double && b_double) {
        Compare(a.doubles(), b.doubles(), chunk.count, holds, others, states);
      } else if (a_double) {
        CombineStates(others, chunk.count, states,
                      [&](size_t i) { return holds(a.doubles()[i], ExactInt{b.ints()[i]}); });
      } else if (b_double) {
        CombineStates(others, chunk.count, states,
                      [&](size_t i) { return holds(ExactInt{a.ints()[i]}, b.doubles()[i]); });
      } else {
        Compare(a.ints(), b.ints(), chunk.count, holds, others, states);
      }
    });
  }

 private:
  template <typename T, typename Holds>
  static void Compare(const T* a, const T* b, size_t count, const Holds& holds,
                      const uint8_t* others, uint8_t* states) {
    CombineStates(others, count, states, [&](size_t i) { return holds(a[i], b[i]); });
  }

  const Operation operation_;
  const StepPtr a_;
  const StepPtr b_;
};

// The commonest condition there is: no lane but the result's.
template <typename T>
class ColumnComparisonStep final : public Step {
 public:
  ColumnComparisonStep(Operation operation, size_t column, T constant)
      : Step(StaticType::kBool), operation_(operation), column_(column), constant_(constant) {}
  size_t lanes() const override { return 1; }

  void Run(const Chunk& chunk, size_t out) const override {
    const ColumnView& column = chunk.columns[column_];
    uint8_t* states = chunk.lanes[out]->states.data();
    const T* values = static_cast<const T*>(column.values);
    const T constant = constant_;
    const size_t count = chunk.count;
    WithComparison(operation_, [&](auto holds) {
      if (chunk.contiguous) {
        const T* from = values + chunk.rows[0];
        for (size_t i = 0; i < count; ++i) states[i] = holds(from[i], constant) ? 1 : 0;
      } else {
        const uint32_t* rows = chunk.rows;
        for (size_t i = 0; i < count; ++i) states[i] = holds(values[rows[i]], constant) ? 1 : 0;
      }
    });
    MarkAbsent(chunk, column, states);
  }

 private:
  const Operation operation_;
  const size_t column_;
  const T constant_;
};

// Exactly this number as T, or nothing.
template <typename T>
std::optional<T> Exactly(const Value& value) {
  if constexpr (std::is_same_v<T, double>) {
    if (value.kind() == Kind::kDouble) return value.AsDouble();
    if (value.kind() == Kind::kInt) {
      const auto d = static_cast<double>(value.AsInt());
      if (Order(value.AsInt(), d) == 0) return d;
    }
    if (value.kind() == Kind::kUint) {
      const auto d = static_cast<double>(value.AsUint());
      if (Order(value.AsUint(), d) == 0) return d;
    }
  } else {
    if (value.kind() == Kind::kInt) return value.AsInt();
    if (value.kind() == Kind::kUint && value.AsUint() >> 63 == 0) {
      return static_cast<int64_t>(value.AsUint());
    }
    if (value.kind() == Kind::kDouble) {
      const double d = value.AsDouble();
      if (d >= -0x1p63 && d < 0x1p63 && d == std::trunc(d)) return static_cast<int64_t>(d);
    }
  }
  return std::nullopt;
}

template <typename T>
class NumberInStep final : public Step {
 public:
  NumberInStep(StepPtr number, std::vector<T> items)
      : Step(StaticType::kBool), number_(std::move(number)), items_(std::move(items)) {
    std::sort(items_.begin(), items_.end());
  }
  size_t lanes() const override { return number_->lanes(); }
  void Run(const Chunk& chunk, size_t out) const override {
    number_->Run(chunk, out);
    Lane& lane = *chunk.lanes[out];
    const T* values = reinterpret_cast<const T*>(lane.bytes.data());
    for (size_t i = 0; i < chunk.count; ++i) {
      if (lane.states[i] != kPresent) continue;
      lane.states[i] = Has(values[i]) ? 1 : 0;
    }
  }

 private:
  bool Has(T value) const {
    if (value != value) return false;  // NaN has no place in the order
    return std::binary_search(items_.begin(), items_.end(), value);
  }

  const StepPtr number_;
  std::vector<T> items_;
};

template <typename T>
StepPtr NumberIn(StepPtr number, const List& items) {
  std::vector<T> numbers;  // items that no value of this kind can equal are left out
  for (const Value& item : items) {
    const std::optional<T> exact = Exactly<T>(item);
    if (exact && *exact == *exact) numbers.push_back(*exact);
  }
  return std::make_unique<NumberInStep<T>>(std::move(number), std::move(numbers));
}

bool IsTime(StaticType type) {
  return type == StaticType::kTimestamp || type == StaticType::kDuration;
}
bool IsNumber(StaticType type) { return type == StaticType::kInt || type == StaticType::kDouble; }

}  // namespace

StepPtr MakeComparisonStep(Operation operation, StepPtr a, StepPtr b) {
  const StaticType x = a->type();
  const StaticType y = b->type();
  const bool same = x == y && (x == StaticType::kBool || x == StaticType::kString || IsTime(x));
  if (!same && !(IsNumber(x) && IsNumber(y))) return nullptr;
  return std::make_unique<ComparisonStep>(operation, std::move(a), std::move(b));
}

StepPtr MakeColumnComparisonStep(Operation operation, StaticType type, size_t column,
                                 const Value& constant) {
  if (type == StaticType::kDouble) {
    const std::optional<double> d = Exactly<double>(constant);
    if (!d) return nullptr;
    return std::make_unique<ColumnComparisonStep<double>>(operation, column, *d);
  }
  if (type != StaticType::kInt) return nullptr;
  const std::optional<int64_t> i = Exactly<int64_t>(constant);
  if (!i) return nullptr;
  return std::make_unique<ColumnComparisonStep<int64_t>>(operation, column, *i);
}

StepPtr MakeNumberInStep(StepPtr number, const List& items) {
  if (number->type() == StaticType::kInt) return NumberIn<int64_t>(std::move(number), items);
  return NumberIn<double>(std::move(number), items);
}

}  // namespace tenure::expression
