#include "server/batch/batch.h"

#include <cstring>
#include <new>
#include <utility>

#include "server/base/status.h"

namespace tenure {
namespace {

constexpr size_t kAlignment = 64;

size_t Align(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

void Batch::Free::operator()(unsigned char* data) const {
  ::operator delete(data, std::align_val_t(kAlignment));
}

Batch::Batch(std::shared_ptr<const Schema> schema, size_t rows)
    : schema_(std::move(schema)), rows_(rows), dictionaries_(schema_->size()) {
  slots_.reserve(schema_->size());
  size_t total = 0;
  for (const Field& field : schema_->fields()) {
    const size_t validity = total + Align(rows * DTypeSize(field.dtype));
    slots_.push_back({total, validity});
    total = validity + Align((rows + 63) / 64 * 8);
  }
  total = total == 0 ? kAlignment : total;
  data_.reset(static_cast<unsigned char*>(::operator new(total, std::align_val_t(kAlignment))));
  std::memset(data_.get(), 0, total);
}

ColumnView Batch::column(size_t i) const {
  const unsigned char* data = data_.get();
  return {schema_->field(i).dtype, data + slots_[i].values,
          reinterpret_cast<const uint64_t*>(data + slots_[i].validity), dictionaries_[i].get()};
}

unsigned char* Batch::Values(size_t column, DType expected, DType also, DType also2) {
  const DType dtype = schema_->field(column).dtype;
  TENURE_CHECK(dtype == expected || dtype == also || dtype == also2);
  return data_.get() + slots_[column].values;
}

absl::Span<uint64_t> Batch::MutableValidity(size_t column) {
  return {reinterpret_cast<uint64_t*>(data_.get() + slots_[column].validity), (rows_ + 63) / 64};
}

absl::Span<double> Batch::MutableDoubles(size_t column) {
  const DType d = DType::kDouble;
  return {reinterpret_cast<double*>(Values(column, d, d, d)), rows_};
}

absl::Span<int64_t> Batch::MutableInt64s(size_t column) {
  return {reinterpret_cast<int64_t*>(
              Values(column, DType::kInt64, DType::kTimestamp, DType::kDuration)),
          rows_};
}

absl::Span<uint8_t> Batch::MutableBools(size_t column) {
  const DType b = DType::kBool;
  return {Values(column, b, b, b), rows_};
}

void Batch::MarkValid(size_t column, size_t row) {
  MutableValidity(column)[row / 64] |= uint64_t{1} << (row % 64);
}

void Batch::SetBool(size_t column, size_t row, bool value) {
  MutableBools(column)[row] = value ? 1 : 0;
  MarkValid(column, row);
}

void Batch::SetInt64(size_t column, size_t row, int64_t value) {
  MutableInt64s(column)[row] = value;
  MarkValid(column, row);
}

void Batch::SetDouble(size_t column, size_t row, double value) {
  MutableDoubles(column)[row] = value;
  MarkValid(column, row);
}

void Batch::SetString(size_t column, size_t row, absl::string_view value) {
  const DType s = DType::kString;
  auto* codes = reinterpret_cast<int32_t*>(Values(column, s, s, s));
  if (dictionaries_[column] == nullptr) dictionaries_[column] = std::make_shared<Dictionary>();
  codes[row] = dictionaries_[column]->Intern(value);
  MarkValid(column, row);
}

void Batch::SetMissing(size_t column, size_t row) {
  std::memset(data_.get() + slots_[column].values + row * DTypeSize(schema_->field(column).dtype),
              0, DTypeSize(schema_->field(column).dtype));
  MutableValidity(column)[row / 64] &= ~(uint64_t{1} << (row % 64));
}

}  // namespace tenure
