// A value of the expression language, or the error that stands in its place: errors are data, since
// && and || may absorb them.
#ifndef TENURE_SERVER_EXPRESSION_VALUE_H_
#define TENURE_SERVER_EXPRESSION_VALUE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace tenure::expression {

enum class ErrorKind : uint8_t {
  kNoSuchAttribute,  // a declared name without a value
  kNoSuchKey,
  kNoSuchOverload,
  kOverflow,
  kDivisionByZero,
  kInvalidArgument,  // a conversion, a pattern, a time zone
  kOutOfBounds,
  kDuplicateKey,
  kCostLimit,
};

struct Error {
  ErrorKind kind;
  std::string message;
  std::string name;  // kNoSuchAttribute: which
};

struct Null {};
struct Text {
  std::shared_ptr<const std::string> text;
};
struct Bytes {
  std::shared_ptr<const std::string> bytes;
};
// Within 0001-01-01T00:00:00Z .. 9999-12-31T23:59:59.999999999Z.
struct Timestamp {
  int64_t seconds;  // since the Unix epoch, floor
  int32_t nanos;    // 0 .. 999,999,999
  auto operator<=>(const Timestamp&) const = default;
};
struct Duration {
  int64_t nanos;  // the whole length: about 292 years either way
  auto operator<=>(const Duration&) const = default;
};
struct TypeName {
  std::shared_ptr<const std::string> name;
};

class Value;
class Map;
using List = std::vector<Value>;

// The order is that of Value's alternatives.
enum class Kind : uint8_t {
  kError,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
};

// Immutable; cheap to copy; thread-safe.
class Value {
 public:
  Value() : data_(Null{}) {}
  static Value Of(bool value) { return Value(Data(value)); }
  static Value Of(int64_t value) { return Value(Data(value)); }
  static Value Of(uint64_t value) { return Value(Data(value)); }
  static Value Of(double value) { return Value(Data(value)); }
  static Value Of(Timestamp value) { return Value(Data(value)); }
  static Value Of(Duration value) { return Value(Data(value)); }
  static Value String(std::string text);
  static Value OfBytes(std::string bytes);
  static Value Type(absl::string_view name);
  static Value OfList(List items);
  static Value OfMap(Map map);
  static Value Failed(ErrorKind kind, std::string message, std::string name = "");

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_error() const { return kind() == Kind::kError; }

  // Each is right for its own kind only.
  const Error& error() const { return **std::get_if<std::shared_ptr<const Error>>(&data_); }
  bool AsBool() const { return *std::get_if<bool>(&data_); }
  int64_t AsInt() const { return *std::get_if<int64_t>(&data_); }
  uint64_t AsUint() const { return *std::get_if<uint64_t>(&data_); }
  double AsDouble() const { return *std::get_if<double>(&data_); }
  const std::string& AsString() const { return *std::get_if<Text>(&data_)->text; }
  const std::string& AsBytes() const { return *std::get_if<Bytes>(&data_)->bytes; }
  Timestamp AsTimestamp() const { return *std::get_if<Timestamp>(&data_); }
  Duration AsDuration() const { return *std::get_if<Duration>(&data_); }
  const List& AsList() const { return **std::get_if<std::shared_ptr<const List>>(&data_); }
  const Map& AsMap() const { return **std::get_if<std::shared_ptr<const Map>>(&data_); }
  const std::string& AsType() const { return *std::get_if<TypeName>(&data_)->name; }

 private:
  using Data = std::variant<std::shared_ptr<const Error>, Null, bool, int64_t, uint64_t, double,
                            Text, Bytes, Timestamp, Duration, std::shared_ptr<const List>,
                            std::shared_ptr<const Map>, TypeName>;
  explicit Value(Data data) : data_(std::move(data)) {}
  Data data_;
};

// Keys are bool, int, uint or string; numbers of different kinds that are equal are one key.
class Map {
 public:
  // False when the key stands already or is of a kind that keys can't have.
  bool Insert(Value key, Value value);
  // Null where absent. A double finds the whole number that it equals.
  const Value* Find(const Value& key) const;
  static bool IsKey(const Value& key);
  const std::vector<std::pair<Value, Value>>& entries() const { return entries_; }
  size_t size() const { return entries_.size(); }

 private:
  std::vector<std::pair<Value, Value>> entries_;  // in the order of insertion
  absl::flat_hash_map<std::string, size_t> index_;
};

// "int", "google.protobuf.Timestamp", …: what type() answers.
absl::string_view KindName(Kind kind);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_VALUE_H_
