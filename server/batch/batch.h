// The one shape of data: typed columns with validity, strings as codes into a dictionary. Features,
// rule expressions, models, plugins and the planner read and write it; a decision is a batch of
// one.
#ifndef TENURE_SERVER_BATCH_BATCH_H_
#define TENURE_SERVER_BATCH_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/batch/dictionary.h"
#include "server/batch/schema.h"

namespace tenure {

// A borrowed look at one column, valid as long as its owner. The layout is Arrow's: `values` are
// 64-byte aligned, bit i % 64 of validity[i / 64] says whether row i has a value.
struct ColumnView {
  DType dtype;
  const void* values;
  const uint64_t* validity;
  const Dictionary* dictionary;  // kString only; null while the column has no value at all

  bool IsValid(size_t row) const { return (validity[row / 64] >> (row % 64)) & 1; }
  // Each is right for its own type only; what an invalid row holds is 0.
  bool Bool(size_t row) const { return static_cast<const uint8_t*>(values)[row] != 0; }
  int64_t Int64(size_t row) const { return static_cast<const int64_t*>(values)[row]; }
  double Double(size_t row) const { return static_cast<const double*>(values)[row]; }
  int32_t Code(size_t row) const { return static_cast<const int32_t*>(values)[row]; }
  absl::string_view String(size_t row) const { return dictionary->Get(Code(row)); }
};

// Rows × columns in one allocation. Starts with every value missing. Movable, not copyable. Not
// thread-safe while written; const use is thread-safe.
class Batch {
 public:
  Batch(std::shared_ptr<const Schema> schema, size_t rows);
  Batch(Batch&&) = default;
  Batch& operator=(Batch&&) = default;

  size_t rows() const { return rows_; }
  const Schema& schema() const { return *schema_; }
  const std::shared_ptr<const Schema>& shared_schema() const { return schema_; }
  ColumnView column(size_t i) const;

  // Set a value and mark it present. The column's dtype must be the setter's (checked).
  void SetBool(size_t column, size_t row, bool value);
  void SetInt64(size_t column, size_t row, int64_t value);  // kInt64, kTimestamp, kDuration
  void SetDouble(size_t column, size_t row, double value);
  void SetString(size_t column, size_t row, absl::string_view value);
  void SetMissing(size_t column, size_t row);

  // Whole columns for bulk writers: the values, and the validity words (rows rounded up to 64).
  absl::Span<double> MutableDoubles(size_t column);
  absl::Span<int64_t> MutableInt64s(size_t column);
  absl::Span<uint8_t> MutableBools(size_t column);
  absl::Span<uint64_t> MutableValidity(size_t column);

 private:
  struct Slot {
    size_t values;  // byte offsets into data_
    size_t validity;
  };
  struct Free {
    void operator()(unsigned char* data) const;
  };
  void MarkValid(size_t column, size_t row);
  unsigned char* Values(size_t column, DType expected, DType also, DType also2);

  std::shared_ptr<const Schema> schema_;
  size_t rows_;
  std::vector<Slot> slots_;
  std::vector<std::shared_ptr<Dictionary>> dictionaries_;
  std::unique_ptr<unsigned char, Free> data_;
};

}  // namespace tenure

#endif  // TENURE_SERVER_BATCH_BATCH_H_
