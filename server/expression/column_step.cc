#include <algorithm>
#include <cstring>
#include <utility>

#include "server/expression/row.h"
#include "server/expression/steps.h"

namespace tenure::expression {
namespace {

template <typename T>
void Gather(const Chunk& chunk, const T* values, T* out) {
  if (chunk.contiguous) {
    std::memcpy(out, values + chunk.rows[0], chunk.count * sizeof(T));
    return;
  }
  for (size_t i = 0; i < chunk.count; ++i) out[i] = values[chunk.rows[i]];
}

class ColumnStep final : public Step {
 public:
  ColumnStep(StaticType type, size_t column) : Step(type), column_(column) {}
  size_t lanes() const override { return 1; }

  void Run(const Chunk& chunk, size_t out) const override {
    const ColumnView& column = chunk.columns[column_];
    Lane& lane = *chunk.lanes[out];
    if (type() == StaticType::kBool) {
      Gather(chunk, static_cast<const uint8_t*>(column.values), lane.states.data());
    } else {
      std::memset(lane.states.data(), kPresent, chunk.count);
      Load(chunk, column, &lane);
    }
    MarkAbsent(chunk, column, lane.states.data());
  }

 private:
  void Load(const Chunk& chunk, const ColumnView& column, Lane* lane) const {
    if (type() == StaticType::kString) {
      for (size_t i = 0; i < chunk.count; ++i) {
        const bool present = column.IsValid(chunk.rows[i]);
        lane->texts()[i] = present ? column.String(chunk.rows[i]) : absl::string_view();
      }
      return;
    }
    Gather(chunk, static_cast<const int64_t*>(column.values), lane->ints());
    if (type() == StaticType::kTimestamp) CheckRange(chunk, TimestampOfColumn, lane);
    if (type() == StaticType::kDuration) CheckRange(chunk, DurationOfColumn, lane);
  }

  static void CheckRange(const Chunk& chunk, Value (*value_of)(int64_t), Lane* lane) {
    constexpr int64_t kSurelyFine = 62'135'596'800'000'000;  // the year 1 .. 3938
    constexpr int64_t kLongest = 9'223'372'036'854'775;      // of a duration
    const int64_t fine = value_of == DurationOfColumn ? kLongest : kSurelyFine;
    for (size_t i = 0; i < chunk.count; ++i) {
      const int64_t micros = lane->ints()[i];
      if (micros >= -fine && micros <= fine) continue;
      if (value_of(micros).is_error()) lane->states[i] = kFailed;
    }
  }

  const size_t column_;
};

class PresenceStep final : public Step {
 public:
  explicit PresenceStep(size_t column) : Step(StaticType::kBool), column_(column) {}
  size_t lanes() const override { return 1; }
  void Run(const Chunk& chunk, size_t out) const override {
    const ColumnView& column = chunk.columns[column_];
    for (size_t i = 0; i < chunk.count; ++i) {
      chunk.lanes[out]->states[i] = column.IsValid(chunk.rows[i]) ? 1 : 0;
    }
  }

 private:
  const size_t column_;
};

class ConstantStep final : public Step {
 public:
  ConstantStep(StaticType type, uint8_t state, int64_t bits, std::string text)
      : Step(type), state_(state), bits_(bits), text_(std::move(text)) {}
  size_t lanes() const override { return 1; }
  void Run(const Chunk& chunk, size_t out) const override {
    Lane& lane = *chunk.lanes[out];
    std::memset(lane.states.data(), state_, chunk.count);
    if (type() == StaticType::kString) {
      std::fill_n(lane.texts(), chunk.count, absl::string_view(text_));
    } else if (type() != StaticType::kBool) {
      std::fill_n(lane.ints(), chunk.count, bits_);
    }
  }

 private:
  const uint8_t state_;
  const int64_t bits_;  // of an int, of micros, or of a double
  const std::string text_;
};

int64_t BitsOf(double d) {
  int64_t bits = 0;
  std::memcpy(&bits, &d, sizeof(bits));
  return bits;
}

}  // namespace

void MarkAbsent(const Chunk& chunk, const ColumnView& column, uint8_t* states) {
  if (!chunk.contiguous) {
    for (size_t i = 0; i < chunk.count; ++i) {
      states[i] = column.IsValid(chunk.rows[i]) ? states[i] : kAbsent;
    }
    return;
  }
  for (size_t i = 0; i < chunk.count;) {
    const size_t row = chunk.rows[0] + i;
    const size_t length = std::min(64 - row % 64, chunk.count - i);
    const uint64_t all = length == 64 ? ~uint64_t{0} : (uint64_t{1} << length) - 1;
    uint64_t absent = ~(column.validity[row / 64] >> (row % 64)) & all;
    for (; absent != 0; absent &= absent - 1) {
      states[i + static_cast<size_t>(__builtin_ctzll(absent))] = kAbsent;
    }
    i += length;
  }
}

StepPtr MakeColumnStep(StaticType type, size_t column) {
  return std::make_unique<ColumnStep>(type, column);
}

StepPtr MakePresenceStep(size_t column) { return std::make_unique<PresenceStep>(column); }

StepPtr MakeConstantStep(StaticType type, const Value& value) {
  const auto make = [type](uint8_t state, int64_t bits, std::string text = "") {
    return std::make_unique<ConstantStep>(type, state, bits, std::move(text));
  };
  if (value.is_error()) return make(kFailed, 0);
  switch (value.kind()) {
    case Kind::kBool:
      return type == StaticType::kBool ? make(value.AsBool() ? 1 : 0, 0) : nullptr;
    case Kind::kInt:
      if (type == StaticType::kDouble) {
        return make(kPresent, BitsOf(static_cast<double>(value.AsInt())));
      }
      return type == StaticType::kInt ? make(kPresent, value.AsInt()) : nullptr;
    case Kind::kDouble:
      return type == StaticType::kDouble ? make(kPresent, BitsOf(value.AsDouble())) : nullptr;
    case Kind::kString:
      return type == StaticType::kString ? make(kPresent, 0, value.AsString()) : nullptr;
    case Kind::kTimestamp: {
      const Timestamp at = value.AsTimestamp();
      if (type != StaticType::kTimestamp || at.nanos % 1'000 != 0) return nullptr;
      return make(kPresent, at.seconds * 1'000'000 + at.nanos / 1'000);
    }
    case Kind::kDuration:
      if (type != StaticType::kDuration || value.AsDuration().nanos % 1'000 != 0) return nullptr;
      return make(kPresent, value.AsDuration().nanos / 1'000);
    default:
      return nullptr;
  }
}

}  // namespace tenure::expression
