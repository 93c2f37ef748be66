#include "server/expression/row.h"

#include <optional>

#include "server/expression/temporal.h"

namespace tenure::expression {

Value RowActivation::Find(const std::string& name) const {
  const std::optional<size_t> at = batch_.schema().Find(name);
  if (!at) return NoSuchAttribute(name);
  const ColumnView column = batch_.column(*at);
  if (!column.IsValid(row_)) return NoSuchAttribute(name);
  switch (column.dtype) {
    case DType::kBool:
      return Value::Of(column.Bool(row_));
    case DType::kInt64:
      return Value::Of(column.Int64(row_));
    case DType::kDouble:
      return Value::Of(column.Double(row_));
    case DType::kString:
      return Value::String(std::string(column.String(row_)));
    case DType::kTimestamp:
      return TimestampOfColumn(column.Int64(row_));
    case DType::kDuration:
      return DurationOfColumn(column.Int64(row_));
  }
  return Value();
}

Value TimestampOfColumn(int64_t micros) {
  const Timestamp at = TimestampOfMicros(micros);
  if (InRange(at)) return Value::Of(at);
  return Value::Failed(ErrorKind::kOverflow, "timestamp out of range");
}

Value DurationOfColumn(int64_t micros) {
  int64_t nanos = 0;
  if (!__builtin_mul_overflow(micros, int64_t{1'000}, &nanos)) return Value::Of(Duration{nanos});
  return Value::Failed(ErrorKind::kOverflow, "duration out of range");
}

StaticType StaticTypeOf(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return StaticType::kBool;
    case DType::kInt64:
      return StaticType::kInt;
    case DType::kDouble:
      return StaticType::kDouble;
    case DType::kString:
      return StaticType::kString;
    case DType::kTimestamp:
      return StaticType::kTimestamp;
    case DType::kDuration:
      return StaticType::kDuration;
  }
  return StaticType::kDyn;
}

}  // namespace tenure::expression
