#include "server/plugin_host/config_schema.h"

#define VALIJSON_USE_EXCEPTIONS 1
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace tenure::plugin_host {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr absl::string_view kUnwanted = "Object contains a property";
constexpr absl::string_view kWrongType = "Value type not permitted";
constexpr size_t kMostUnknownKeys = 64;

std::string Token(absl::string_view key) {
  return absl::StrCat("/", absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}}));
}

// valijson's context is "<root>", then "[key]" or "[index]".
std::string Pointer(const std::vector<std::string>& context) {
  std::string pointer;
  for (size_t i = 1; i < context.size(); ++i) {
    absl::StrAppend(&pointer, Token(absl::StripSuffix(absl::StripPrefix(context[i], "["), "]")));
  }
  return pointer;
}

// The part of the schema that a value answers to, where properties and items lead there.
const Json* SchemaAt(const Json& schema, const std::vector<std::string>& context) {
  const Json* at = &schema;
  for (size_t i = 1; i < context.size(); ++i) {
    const std::string key(absl::StripSuffix(absl::StripPrefix(context[i], "["), "]"));
    if (at->contains("properties") && at->at("properties").contains(key)) {
      at = &at->at("properties").at(key);
    } else if (at->contains("items") && at->at("items").is_object()) {
      at = &at->at("items");
    } else {
      return nullptr;
    }
  }
  return at;
}

// "Expected number less than 0.300000" as people write numbers.
std::string WithoutTrailingZeros(std::string text) {
  const size_t dot = text.rfind('.');
  if (dot == std::string::npos || dot + 7 != text.size()) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Words(const Json& schema, const valijson::ValidationResults::Error& error) {
  if (absl::StartsWith(error.description, kWrongType)) {
    const Json* at = SchemaAt(schema, error.context);
    if (at != nullptr && at->contains("type")) {
      return absl::StrCat("expected a value of type ", at->at("type").dump());
    }
  }
  return WithoutTrailingZeros(error.description);
}

// The key that valijson names at the end of its message: "…: 'key'."
std::string UnwantedKey(const std::string& description) {
  const size_t start = description.find(": '");
  if (start == std::string::npos || description.size() < start + 5) return "";
  return description.substr(start + 3, description.size() - start - 5);
}

}  // namespace

struct ConfigSchema::Parsed {
  Json json;
  valijson::Schema schema;
};

ConfigSchema::ConfigSchema(std::unique_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
ConfigSchema::~ConfigSchema() = default;

absl::StatusOr<std::unique_ptr<const ConfigSchema>> ConfigSchema::Parse(absl::string_view json) {
  auto parsed = std::make_unique<Parsed>();
  parsed->json = Json::parse(json.begin(), json.end(), nullptr, false);
  if (!parsed->json.is_object()) {
    return absl::InvalidArgumentError("the parameters' schema is not a JSON object");
  }
  if (parsed->json.value("type", Json()) != "object" ||
      parsed->json.value("additionalProperties", Json(true)) != false) {
    return absl::InvalidArgumentError(
        "the parameters' schema must say \"type\": \"object\" and \"additionalProperties\": false");
  }
  try {
    valijson::SchemaParser parser;
    parser.populateSchema(Adapter(parsed->json), parsed->schema);
  } catch (const std::exception& problem) {
    return absl::InvalidArgumentError(
        absl::StrCat("the parameters' schema is no JSON Schema: ", problem.what()));
  }
  return std::unique_ptr<const ConfigSchema>(new ConfigSchema(std::move(parsed)));
}

std::vector<ConfigProblem> ConfigSchema::Check(absl::string_view json) const {
  Json document = Json::parse(json.begin(), json.end(), nullptr, false);
  if (document.is_discarded()) return {{"", "the parameters are not JSON"}};
  std::map<std::string, std::string> found;
  // valijson names one unknown key an object: take that away and look again.
  for (size_t round = 0; round <= kMostUnknownKeys; ++round) {
    valijson::ValidationResults results;
    try {
      valijson::Validator validator;
      if (validator.validate(parsed_->schema, Adapter(document), &results)) break;
    } catch (const std::exception& problem) {
      found.try_emplace("", absl::StrCat("could not be checked: ", problem.what()));
      break;
    }
    std::vector<std::string> unknown;
    for (const auto& error : results) {
      const std::string pointer = Pointer(error.context);
      if (absl::StartsWith(error.description, kUnwanted)) {
        unknown.push_back(absl::StrCat(pointer, Token(UnwantedKey(error.description))));
        found.try_emplace(unknown.back(), "unknown key");
      } else if (!absl::StartsWith(error.description, "Failed to validate")) {
        found.try_emplace(pointer, Words(parsed_->json, error));
      } else if (results.numErrors() == 1) {
        found.try_emplace(pointer, error.description);
      }
    }
    if (unknown.empty()) break;
    for (const std::string& pointer : unknown) {
      const Json::json_pointer at(pointer);
      document.at(at.parent_pointer()).erase(at.back());
    }
  }
  std::vector<ConfigProblem> problems;
  for (auto& [pointer, message] : found) problems.push_back({pointer, std::move(message)});
  return problems;
}

}  // namespace tenure::plugin_host
