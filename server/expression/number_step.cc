#include <algorithm>
#include <limits>
#include <utility>

#include "server/expression/steps.h"
#include "server/expression/temporal.h"

namespace tenure::expression {
namespace {

constexpr int64_t kLongestMicros = std::numeric_limits<int64_t>::max() / 1'000;
constexpr int64_t kFirstMicros = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastMicros = 253'402'300'799'999'999;

bool IsDurationMicros(int64_t micros) {
  return micros >= -kLongestMicros && micros <= kLongestMicros;
}
bool IsTimestampMicros(int64_t micros) { return micros >= kFirstMicros && micros <= kLastMicros; }

// True on overflow, as the builtins have it.
bool WholeDivide(Operation operation, int64_t a, int64_t b, int64_t* result) {
  *result = 0;
  if (b == 0 || (b == -1 && a == std::numeric_limits<int64_t>::min())) return true;
  *result = operation == Operation::kDivide ? a / b : a % b;
  return false;
}

bool Whole(Operation operation, int64_t a, int64_t b, int64_t* result) {
  switch (operation) {
    case Operation::kAdd:
      return __builtin_add_overflow(a, b, result);
    case Operation::kSubtract:
      return __builtin_sub_overflow(a, b, result);
    case Operation::kMultiply:
      return __builtin_mul_overflow(a, b, result);
    default:
      return WholeDivide(operation, a, b, result);
  }
}

double OfDoubles(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::kAdd:
      return a + b;
    case Operation::kSubtract:
      return a - b;
    case Operation::kMultiply:
      return a * b;
    default:
      return a / b;
  }
}

bool InRangeOf(StaticType type, int64_t value) {
  if (type == StaticType::kTimestamp) return IsTimestampMicros(value);
  return type != StaticType::kDuration || IsDurationMicros(value);
}

// Nothing fits: the reference evaluator's business.
StaticType ArithmeticType(Operation operation, StaticType a, StaticType b) {
  using T = StaticType;
  const bool add = operation == Operation::kAdd;
  const bool sum = add || operation == Operation::kSubtract;
  if (a == T::kInt && b == T::kInt) return T::kInt;
  if (a == T::kDouble && b == T::kDouble && operation != Operation::kModulo) return T::kDouble;
  if (!sum) return T::kDyn;
  if (a == T::kDuration && b == T::kDuration) return T::kDuration;
  if (a == T::kTimestamp && b == T::kDuration) return T::kTimestamp;
  if (add && a == T::kDuration && b == T::kTimestamp) return T::kTimestamp;
  if (!add && a == T::kTimestamp && b == T::kTimestamp) return T::kDuration;
  return T::kDyn;
}

class ArithmeticStep final : public Step {
 public:
  ArithmeticStep(Operation operation, StaticType type, StepPtr a, StepPtr b)
      : Step(type), operation_(operation), a_(std::move(a)), b_(std::move(b)) {}
  size_t lanes() const override { return std::max(a_->lanes(), 1 + b_->lanes()); }

  void Run(const Chunk& chunk, size_t out) const override {
    a_->Run(chunk, out);
    b_->Run(chunk, out + 1);
    Lane& a = *chunk.lanes[out];
    Lane& b = *chunk.lanes[out + 1];
    for (size_t i = 0; i < chunk.count; ++i) {
      a.states[i] = a.states[i] != kPresent ? a.states[i] : b.states[i];
    }
    if (type() == StaticType::kDouble) {
      for (size_t i = 0; i < chunk.count; ++i) {
        a.doubles()[i] = OfDoubles(operation_, a.doubles()[i], b.doubles()[i]);
      }
      return;
    }
    for (size_t i = 0; i < chunk.count; ++i) {
      int64_t result = 0;
      const bool failed =
          Whole(operation_, a.ints()[i], b.ints()[i], &result) || !InRangeOf(type(), result);
      a.ints()[i] = failed ? 0 : result;
      if (failed && a.states[i] == kPresent) a.states[i] = kFailed;
    }
  }

 private:
  const Operation operation_;
  const StepPtr a_;
  const StepPtr b_;
};

// One number in, one out; `Each` returns false where it fails.
template <typename Each>
class MapStep final : public Step {
 public:
  MapStep(StaticType type, StepPtr from, Each each)
      : Step(type), from_(std::move(from)), each_(std::move(each)) {}
  size_t lanes() const override { return from_->lanes(); }
  void Run(const Chunk& chunk, size_t out) const override {
    from_->Run(chunk, out);
    Lane& lane = *chunk.lanes[out];
    for (size_t i = 0; i < chunk.count; ++i) {
      if (lane.states[i] != kPresent) {
        lane.ints()[i] = 0;
      } else if (!each_(lane, i)) {
        lane.ints()[i] = 0;
        lane.states[i] = kFailed;
      }
    }
  }

 private:
  const StepPtr from_;
  const Each each_;
};

template <typename Each>
StepPtr Mapping(StaticType type, StepPtr from, Each each) {
  return std::make_unique<MapStep<Each>>(type, std::move(from), std::move(each));
}

bool TruncateToInt(Lane& lane, size_t i) {
  const double d = lane.doubles()[i];
  if (!(d > -0x1p63 && d < 0x1p63)) return false;
  lane.ints()[i] = static_cast<int64_t>(d);
  return true;
}

bool WidenToDouble(Lane& lane, size_t i) {
  lane.doubles()[i] = static_cast<double>(lane.ints()[i]);
  return true;
}

bool SecondsOfTimestamp(Lane& lane, size_t i) {
  lane.ints()[i] = TimestampOfMicros(lane.ints()[i]).seconds;
  return true;
}

bool TimestampOfInt(Lane& lane, size_t i) {
  int64_t micros = 0;
  if (__builtin_mul_overflow(lane.ints()[i], int64_t{1'000'000}, &micros)) return false;
  lane.ints()[i] = micros;
  return IsTimestampMicros(micros);
}

}  // namespace

StepPtr MakeArithmeticStep(Operation operation, StepPtr a, StepPtr b) {
  const StaticType type = ArithmeticType(operation, a->type(), b->type());
  if (type == StaticType::kDyn) return nullptr;
  return std::make_unique<ArithmeticStep>(operation, type, std::move(a), std::move(b));
}

StepPtr MakeNegateStep(StepPtr number) {
  if (number->type() == StaticType::kDouble) {
    return Mapping(StaticType::kDouble, std::move(number), [](Lane& lane, size_t i) {
      lane.doubles()[i] = -lane.doubles()[i];
      return true;
    });
  }
  if (number->type() != StaticType::kInt) return nullptr;
  return Mapping(StaticType::kInt, std::move(number), [](Lane& lane, size_t i) {
    return !__builtin_sub_overflow(int64_t{0}, lane.ints()[i], &lane.ints()[i]);
  });
}

StepPtr MakeConversionStep(StaticType to, StepPtr from) {
  using T = StaticType;
  const T type = from->type();
  if (type == to) return from;
  if (type == T::kInt && to == T::kDouble) return Mapping(to, std::move(from), WidenToDouble);
  if (type == T::kDouble && to == T::kInt) return Mapping(to, std::move(from), TruncateToInt);
  if (type == T::kTimestamp && to == T::kInt) {
    return Mapping(to, std::move(from), SecondsOfTimestamp);
  }
  if (type == T::kInt && to == T::kTimestamp) return Mapping(to, std::move(from), TimestampOfInt);
  return nullptr;
}

StepPtr MakeGetterStep(Operation getter, StepPtr of, const absl::TimeZone& zone) {
  if (of->type() == StaticType::kDuration) {
    return Mapping(StaticType::kInt, std::move(of), [getter](Lane& lane, size_t i) {
      lane.ints()[i] = Part(getter, Duration{lane.ints()[i] * 1'000});
      return true;
    });
  }
  if (of->type() != StaticType::kTimestamp) return nullptr;
  return Mapping(StaticType::kInt, std::move(of), [getter, zone](Lane& lane, size_t i) {
    lane.ints()[i] = Part(getter, TimestampOfMicros(lane.ints()[i]), zone);
    return true;
  });
}

}  // namespace tenure::expression
