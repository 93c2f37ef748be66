#include "server/expression/value.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace tenure::expression {
namespace {

// Equal keys, and only they, have the same text.
std::optional<std::string> KeyText(const Value& key) {
  switch (key.kind()) {
    case Kind::kBool:
      return key.AsBool() ? "b1" : "b0";
    case Kind::kInt:
      return absl::StrCat("n", key.AsInt());
    case Kind::kUint:
      return absl::StrCat("n", key.AsUint());
    case Kind::kString:
      return absl::StrCat("s", key.AsString());
    case Kind::kDouble: {
      const double d = key.AsDouble();
      if (d >= -0x1p63 && d < 0x1p63 && d == static_cast<double>(static_cast<int64_t>(d))) {
        return absl::StrCat("n", static_cast<int64_t>(d));
      }
      if (d >= 0x1p63 && d < 0x1p64) return absl::StrCat("n", static_cast<uint64_t>(d));
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

Value Value::String(std::string text) {
  return Value(Data(Text{std::make_shared<const std::string>(std::move(text))}));
}

Value Value::OfBytes(std::string bytes) {
  return Value(Data(Bytes{std::make_shared<const std::string>(std::move(bytes))}));
}

Value Value::Type(absl::string_view name) {
  return Value(Data(TypeName{std::make_shared<const std::string>(name)}));
}

Value Value::OfList(List items) {
  return Value(Data(std::make_shared<const List>(std::move(items))));
}

Value Value::OfMap(Map map) { return Value(Data(std::make_shared<const Map>(std::move(map)))); }

Value Value::Failed(ErrorKind kind, std::string message, std::string name) {
  return Value(
      Data(std::make_shared<const Error>(Error{kind, std::move(message), std::move(name)})));
}

bool Map::IsKey(const Value& key) {
  return key.kind() == Kind::kBool || key.kind() == Kind::kInt || key.kind() == Kind::kUint ||
         key.kind() == Kind::kString;
}

bool Map::Insert(Value key, Value value) {
  if (!IsKey(key)) return false;
  if (!index_.emplace(*KeyText(key), entries_.size()).second) return false;
  entries_.emplace_back(std::move(key), std::move(value));
  return true;
}

const Value* Map::Find(const Value& key) const {
  const std::optional<std::string> text = KeyText(key);
  if (!text) return nullptr;
  const auto it = index_.find(*text);
  return it == index_.end() ? nullptr : &entries_[it->second].second;
}

absl::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kError:
      return "error";
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Kind::kDuration:
      return "google.protobuf.Duration";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kType:
      return "type";
  }
  return "unknown";
}

}  // namespace tenure::expression
