#include "server/expression/reference_step.h"

#include <deque>
#include <string>

#include "server/expression/evaluator.h"
#include "server/expression/row.h"
#include "server/expression/temporal.h"

namespace tenure::expression {
namespace {

uint8_t StateOf(const Value& value) {
  if (!value.is_error()) return kPresent;
  return value.error().kind == ErrorKind::kNoSuchAttribute ? kAbsent : kFailed;
}

class ReferenceStep final : public Step {
 public:
  ReferenceStep(const Node& node, StaticType type, const Bounds& bounds)
      : Step(type), node_(node), bounds_(bounds) {}

  size_t lanes() const override { return 1; }

  void Run(const Chunk& chunk, size_t out) const override {
    Lane& lane = *chunk.lanes[out];
    for (size_t i = 0; i < chunk.count; ++i) {
      const Value value = Evaluate(node_, RowActivation(*chunk.batch, chunk.rows[i]), bounds_);
      lane.states[i] = Store(value, i, &lane);
    }
  }

 private:
  uint8_t Store(const Value& value, size_t i, Lane* lane) const {
    if (type() != StaticType::kBool) lane->ints()[i] = 0;
    if (value.is_error()) return StateOf(value);
    switch (type()) {
      case StaticType::kBool:
        if (value.kind() != Kind::kBool) return kFailed;
        return static_cast<uint8_t>(value.AsBool() ? Truth::kTrue : Truth::kFalse);
      case StaticType::kInt:
        if (value.kind() != Kind::kInt) return kFailed;
        lane->ints()[i] = value.AsInt();
        return kPresent;
      case StaticType::kDouble:
        if (value.kind() != Kind::kDouble && value.kind() != Kind::kInt) return kFailed;
        lane->doubles()[i] =
            value.kind() == Kind::kInt ? static_cast<double>(value.AsInt()) : value.AsDouble();
        return kPresent;
      case StaticType::kTimestamp:
        if (value.kind() != Kind::kTimestamp) return kFailed;
        lane->ints()[i] =
            value.AsTimestamp().seconds * 1'000'000 + value.AsTimestamp().nanos / 1'000;
        return kPresent;
      case StaticType::kDuration:
        if (value.kind() != Kind::kDuration) return kFailed;
        lane->ints()[i] = value.AsDuration().nanos / 1'000;
        return kPresent;
      default:
        return kFailed;
    }
  }

  const Node& node_;
  const Bounds bounds_;
};

}  // namespace

std::unique_ptr<const Step> MakeReferenceStep(const Node& node, StaticType type,
                                              const Bounds& bounds) {
  return std::make_unique<ReferenceStep>(node, type, bounds);
}

}  // namespace tenure::expression
