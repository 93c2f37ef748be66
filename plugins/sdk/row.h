// A row of the batch, read by the positions of the policy's own columns.
#ifndef TENURE_PLUGINS_SDK_ROW_H_
#define TENURE_PLUGINS_SDK_ROW_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "plugins/abi/tenure_plugin.h"
#include "plugins/sdk/pack.h"

namespace tenure::sdk {

constexpr tenure_str Str(std::string_view text) { return {text.data(), text.size()}; }

// Columns as a policy declares them. A row without a required value never reaches the policy.
constexpr tenure_field Required(std::string_view name, uint32_t dtype = TENURE_DOUBLE) {
  return {Str(name), dtype, TENURE_FIELD_REQUIRED};
}
constexpr tenure_field Optional(std::string_view name, uint32_t dtype = TENURE_DOUBLE) {
  return {Str(name), dtype, 0};
}

// Borrowed during propose. Each getter is right for columns declared with its type only.
class Row {
 public:
  using Number = double;
  Row(const tenure_batch& batch, size_t row) : batch_(&batch), row_(row) {}

  bool Has(size_t column) const {
    return ((batch_->columns[column].validity[row_ / 64] >> (row_ % 64)) & 1) != 0;
  }
  double Double(size_t column) const { return Values<double>(column)[row_]; }
  int64_t Int64(size_t column) const { return Values<int64_t>(column)[row_]; }
  bool Bool(size_t column) const { return Values<uint8_t>(column)[row_] != 0; }
  std::string_view String(size_t column) const {
    const tenure_str& entry = batch_->columns[column].dict->entries[Values<int32_t>(column)[row_]];
    return {entry.data, entry.size};
  }
  // The only randomness there is: the same customer and moment, the same seed.
  uint64_t seed() const { return batch_->row_seed[row_]; }
  int64_t decision_time_us() const { return batch_->decision_time_us; }

 private:
  template <typename T>
  const T* Values(size_t column) const {
    return static_cast<const T*>(batch_->columns[column].values);
  }

  const tenure_batch* batch_;
  size_t row_;
};

// Rows `row` to `row` + kPackRows − 1: what is read of them is there, or their cells are ignored.
class RowPack {
 public:
  using Number = Pack;
  RowPack(const tenure_batch& batch, size_t row) : batch_(&batch), row_(row) {}

  Pack Double(size_t column) const { return Load<Pack, double>(column); }
  IntPack Int64(size_t column) const { return Load<IntPack, int64_t>(column); }

 private:
  template <typename P, typename T>
  P Load(size_t column) const {
    P pack;
    std::memcpy(&pack, static_cast<const T*>(batch_->columns[column].values) + row_, sizeof pack);
    return pack;
  }

  const tenure_batch* batch_;
  size_t row_;
};

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_ROW_H_
