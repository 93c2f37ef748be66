// The feature row of a record: a version byte, then for each value that is present the hash of the
// column's name, its type and the value; integers little-endian, strings with their length. By
// name, so that features may be added and records of before still be read.
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/decision/explain.h"

namespace tenure::decision {
namespace {

constexpr char kVersion = 1;

void PutU64(uint64_t value, std::string* out) {
  for (int i = 0; i < 8; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t Bits(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}
  bool Byte(uint8_t* value) {
    if (rest_.empty()) return false;
    *value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return true;
  }
  bool U64(uint64_t* value) {
    if (rest_.size() < 8) return false;
    *value = 0;
    for (size_t i = 0; i < 8; ++i) {
      *value |= static_cast<uint64_t>(static_cast<uint8_t>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(8);
    return true;
  }
  bool String(absl::string_view* value) {
    uint64_t size = 0;
    if (!U64(&size) || size > rest_.size()) return false;
    *value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  bool AtEnd() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
};

void PutValue(const ColumnView& column, size_t row, std::string* out) {
  out->push_back(static_cast<char>(column.dtype));
  switch (column.dtype) {
    case DType::kBool:
      return PutU64(column.Bool(row) ? 1 : 0, out);
    case DType::kDouble:
      return PutU64(Bits(column.Double(row)), out);
    case DType::kString: {
      const absl::string_view text = column.String(row);
      PutU64(text.size(), out);
      out->append(text.data(), text.size());
      return;
    }
    case DType::kInt64:
    case DType::kTimestamp:
    case DType::kDuration:
      return PutU64(static_cast<uint64_t>(column.Int64(row)), out);
  }
}

bool TakeValue(Reader* reader, DType dtype, size_t column, Batch* batch) {
  if (dtype == DType::kString) {
    absl::string_view text;
    if (!reader->String(&text)) return false;
    batch->SetString(column, 0, text);
    return true;
  }
  uint64_t bits = 0;
  if (!reader->U64(&bits)) return false;
  if (dtype == DType::kBool) {
    batch->SetBool(column, 0, bits != 0);
  } else if (dtype == DType::kDouble) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    batch->SetDouble(column, 0, value);
  } else {
    batch->SetInt64(column, 0, static_cast<int64_t>(bits));
  }
  return true;
}

}  // namespace

std::string EncodeFeatures(const Batch& features, size_t row) {
  std::string out;
  out.reserve(16 + features.schema().size() * 17);
  out.push_back(kVersion);
  for (size_t c = 0; c < features.schema().size(); ++c) {
    const ColumnView column = features.column(c);
    if (!column.IsValid(row)) continue;
    PutU64(StableHash(features.schema().field(c).name), &out);
    PutValue(column, row, &out);
  }
  return out;
}

absl::StatusOr<Batch> DecodeFeatures(const rules::RuleSet& rules, absl::string_view bytes) {
  const auto bad = [](absl::string_view why) {
    return absl::DataLossError(absl::StrCat("the recorded feature row ", why));
  };
  absl::flat_hash_map<uint64_t, size_t> columns;
  for (size_t c = 0; c < rules.schema->size(); ++c) {
    columns[StableHash(rules.schema->field(c).name)] = c;
  }
  Reader reader(bytes);
  uint8_t version = 0;
  if (!reader.Byte(&version) || version != kVersion) return bad("is of an unknown version");
  Batch batch(rules.schema, 1);
  while (!reader.AtEnd()) {
    uint64_t name = 0;
    uint8_t dtype = 0;
    if (!reader.U64(&name) || !reader.Byte(&dtype)) return bad("ends early");
    const auto column = columns.find(name);
    if (column == columns.end()) return bad("has a feature that the rule set does not know");
    if (dtype != static_cast<uint8_t>(rules.schema->field(column->second).dtype)) {
      return bad(absl::StrCat("has another type for ", rules.schema->field(column->second).name));
    }
    if (!TakeValue(&reader, static_cast<DType>(dtype), column->second, &batch)) {
      return bad("ends early");
    }
  }
  return batch;
}

}  // namespace tenure::decision
