#include "clients/cli/expr_json.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/expression/functions.h"
#include "server/expression/temporal.h"

namespace tenure::cli {
namespace {

using expression::Kind;
using expression::List;
using expression::Map;
using expression::Operation;
using expression::Value;
using Json = nlohmann::ordered_json;

constexpr int kDeepest = 64;

absl::Status TooDeep() {
  return absl::InvalidArgumentError(absl::StrCat("values nest deeper than ", kDeepest, " levels"));
}

absl::StatusOr<Value> Plain(const Json& json, int depth) {
  if (depth > kDeepest) return TooDeep();
  switch (json.type()) {
    case Json::value_t::boolean:
      return Value::Of(json.get<bool>());
    case Json::value_t::number_integer:
      return Value::Of(json.get<int64_t>());
    case Json::value_t::number_unsigned: {
      const uint64_t number = json.get<uint64_t>();
      if (number >> 63 != 0) return Value::Of(number);
      return Value::Of(static_cast<int64_t>(number));
    }
    case Json::value_t::number_float:
      return Value::Of(json.get<double>());
    case Json::value_t::string:
      return Value::String(json.get<std::string>());
    case Json::value_t::array: {
      List items;
      for (const Json& item : json) {
        TENURE_ASSIGN_OR_RETURN(Value value, Plain(item, depth + 1));
        items.push_back(std::move(value));
      }
      return Value::OfList(std::move(items));
    }
    case Json::value_t::object: {
      Map map;
      for (const auto& [key, item] : json.items()) {
        TENURE_ASSIGN_OR_RETURN(Value value, Plain(item, depth + 1));
        map.Insert(Value::String(key), std::move(value));
      }
      return Value::OfMap(std::move(map));
    }
    default:
      return Value();
  }
}

absl::Status Wrong(const std::string& type, const Json& json) {
  const std::string shown = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return absl::InvalidArgumentError(
      absl::StrCat("{\"", type, "\": ", shown.substr(0, 80), "} is no typed value of type ", type));
}

absl::StatusOr<Value> Typed(const Json& json, int depth);

absl::StatusOr<Value> TypedList(const Json& json, int depth) {
  if (!json.is_array()) return Wrong("list", json);
  List items;
  for (const Json& item : json) {
    TENURE_ASSIGN_OR_RETURN(Value value, Typed(item, depth + 1));
    items.push_back(std::move(value));
  }
  return Value::OfList(std::move(items));
}

absl::StatusOr<Value> TypedMap(const Json& json, int depth) {
  if (!json.is_array()) return Wrong("map", json);
  Map map;
  for (const Json& entry : json) {
    if (!entry.is_array() || entry.size() != 2) return Wrong("map", json);
    TENURE_ASSIGN_OR_RETURN(Value key, Typed(entry[0], depth + 1));
    TENURE_ASSIGN_OR_RETURN(Value value, Typed(entry[1], depth + 1));
    if (!map.Insert(std::move(key), std::move(value))) return Wrong("map", json);
  }
  return Value::OfMap(std::move(map));
}

// What the language's own conversion makes of a string; a number stands for itself.
absl::StatusOr<Value> Converted(const std::string& type, Operation operation, const Json& json) {
  if (type == "int" && json.is_number_integer()) return Plain(json, 0);
  if (type == "uint" && json.is_number_unsigned()) return Value::Of(json.get<uint64_t>());
  if (type == "double" && json.is_number()) return Value::Of(json.get<double>());
  if (!json.is_string()) return Wrong(type, json);
  std::string text = json.get<std::string>();
  if (type == "double" && text == "Infinity") text = "inf";
  if (type == "double" && text == "-Infinity") text = "-inf";
  Value value = Convert(operation, Value::String(std::move(text)));
  if (value.is_error()) return Wrong(type, json);
  return value;
}

absl::StatusOr<Value> Typed(const Json& json, int depth) {
  if (depth > kDeepest) return TooDeep();
  if (!json.is_object() || json.size() != 1) {
    return absl::InvalidArgumentError("a typed value is an object with one key, its type");
  }
  const std::string type = json.begin().key();
  const Json& inner = json.begin().value();
  if (type == "null") return Value();
  if (type == "bool" && inner.is_boolean()) return Value::Of(inner.get<bool>());
  if (type == "string" && inner.is_string()) return Value::String(inner.get<std::string>());
  if (type == "type" && inner.is_string()) {
    std::string name = inner.get<std::string>();
    if (name == "timestamp") name = "google.protobuf.Timestamp";
    if (name == "duration") name = "google.protobuf.Duration";
    return Value::Type(name);
  }
  if (type == "int") return Converted(type, Operation::kToInt, inner);
  if (type == "uint") return Converted(type, Operation::kToUint, inner);
  if (type == "double") return Converted(type, Operation::kToDouble, inner);
  if (type == "timestamp") return Converted(type, Operation::kToTimestamp, inner);
  if (type == "duration") return Converted(type, Operation::kToDuration, inner);
  if (type == "list") return TypedList(inner, depth);
  if (type == "map") return TypedMap(inner, depth);
  std::string bytes;
  if (type == "bytes" && inner.is_string() &&
      absl::Base64Unescape(inner.get<std::string>(), &bytes)) {
    return Value::OfBytes(std::move(bytes));
  }
  return Wrong(type, inner);
}

Json DoubleJson(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "Infinity" : "-Infinity";
  return d;
}

std::string TextOf(const Value& value) {
  const Value text = expression::Convert(Operation::kToString, value);
  return text.is_error() ? "" : text.AsString();
}

}  // namespace

absl::StatusOr<Value> ValueOfJson(const Json& json) { return Plain(json, 0); }
absl::StatusOr<Value> ValueOfTypedJson(const Json& json) { return Typed(json, 0); }

Json JsonOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.AsBool();
    case Kind::kInt:
      return value.AsInt();
    case Kind::kUint:
      return value.AsUint();
    case Kind::kDouble:
      return DoubleJson(value.AsDouble());
    case Kind::kString:
      return value.AsString();
    case Kind::kBytes:
      return absl::Base64Escape(value.AsBytes());
    case Kind::kTimestamp:
    case Kind::kDuration:
      return TextOf(value);
    case Kind::kType:
      return value.AsType();
    case Kind::kList: {
      Json items = Json::array();
      for (const Value& item : value.AsList()) items.push_back(JsonOf(item));
      return items;
    }
    case Kind::kMap: {
      Json object = Json::object();
      for (const auto& [key, item] : value.AsMap().entries()) object[TextOf(key)] = JsonOf(item);
      return object;
    }
    default:
      return nullptr;
  }
}

Json TypedJsonOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return {{"bool", value.AsBool()}};
    case Kind::kInt:
      return {{"int", TextOf(value)}};
    case Kind::kUint:
      return {{"uint", TextOf(value)}};
    case Kind::kDouble:
      return {{"double", DoubleJson(value.AsDouble())}};
    case Kind::kString:
      return {{"string", value.AsString()}};
    case Kind::kBytes:
      return {{"bytes", absl::Base64Escape(value.AsBytes())}};
    case Kind::kTimestamp:
      return {{"timestamp", TextOf(value)}};
    case Kind::kDuration:
      return {{"duration", TextOf(value)}};
    case Kind::kType:
      return {{"type", value.AsType()}};
    case Kind::kList: {
      Json items = Json::array();
      for (const Value& item : value.AsList()) items.push_back(TypedJsonOf(item));
      Json object = Json::object();
      object["list"] = std::move(items);
      return object;
    }
    case Kind::kMap: {
      Json entries = Json::array();
      for (const auto& [key, item] : value.AsMap().entries()) {
        Json entry = Json::array();
        entry.push_back(TypedJsonOf(key));
        entry.push_back(TypedJsonOf(item));
        entries.push_back(std::move(entry));
      }
      Json object = Json::object();
      object["map"] = std::move(entries);
      return object;
    }
    default:
      return {{"null", nullptr}};
  }
}

}  // namespace tenure::cli
