// PopulationModels to and from JSON; the models within are ValueModel's own documents.
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/population_models.h"

namespace tenure::clv {
namespace {

using Json = nlohmann::ordered_json;
constexpr char kFormat[] = "tenure.population_models.v1";
constexpr const char* kSources[] = {"own", "borrowed", "pooled"};  // in the order of Source

absl::Status Refuse(absl::string_view where, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": ", why, "; write it with `tenure fit --by COLUMN --save`"));
}

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ToJson(const Evidence& evidence) {
  return {{"source", kSources[static_cast<int>(evidence.source)]},
          {"cases", evidence.cases},
          {"own_weight", evidence.own_weight}};
}

absl::Status Read(const Json& json, const char* key, std::string* value) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) {
    return absl::InvalidArgumentError(absl::StrCat("`", key, "` must be a string"));
  }
  *value = found->get<std::string>();
  return absl::OkStatus();
}

absl::Status Read(const Json& json, const char* key, int64_t* value) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) {
    return absl::InvalidArgumentError(absl::StrCat("`", key, "` must be a whole number"));
  }
  *value = found->get<int64_t>();
  return absl::OkStatus();
}

absl::Status Read(const Json& json, const char* key, Evidence* evidence) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) {
    return absl::InvalidArgumentError(absl::StrCat("`", key, "` must be an object"));
  }
  std::string source;
  TENURE_RETURN_IF_ERROR(Read(*found, "source", &source));
  TENURE_RETURN_IF_ERROR(Read(*found, "cases", &evidence->cases));
  const auto weight = found->find("own_weight");
  if (weight == found->end() || !weight->is_number()) {
    return absl::InvalidArgumentError("`own_weight` must be a number");
  }
  evidence->own_weight = weight->get<double>();
  for (int i = 0; i < 3; ++i) {
    if (source != kSources[i]) continue;
    evidence->source = static_cast<Source>(i);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("`source` must be own, borrowed or pooled");
}

absl::Status Read(const Json& json, const char* key, std::shared_ptr<const ValueModel>* model) {
  const auto found = json.find(key);
  if (found == json.end())
    return absl::InvalidArgumentError(absl::StrCat("`", key, "` is missing"));
  TENURE_ASSIGN_OR_RETURN(*model, ValueModel::FromJson(Text(*found)));
  return absl::OkStatus();
}

absl::Status Read(const Json& json, Population* population) {
  TENURE_RETURN_IF_ERROR(Read(json, "customers", &population->customers));
  TENURE_RETURN_IF_ERROR(Read(json, "purchases", &population->purchases));
  TENURE_RETURN_IF_ERROR(Read(json, "spend", &population->spend));
  return Read(json, "model", &population->model);
}

Json Parse(absl::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

}  // namespace

std::string PopulationModels::ToJson() const {
  Json json;
  json["format"] = kFormat;
  json["column"] = column_;
  json["pooled"] = Parse(pooled_->ToJson());
  json["populations"] = Json::array();
  for (const Population& population : populations_) {
    Json entry;
    entry["name"] = population.name;
    entry["customers"] = population.customers;
    entry["purchases"] = clv::ToJson(population.purchases);
    entry["spend"] = clv::ToJson(population.spend);
    entry["model"] = Parse(population.model->ToJson());
    json["populations"].push_back(std::move(entry));
  }
  return Text(json);
}

bool PopulationModels::IsJson(absl::string_view text) {
  const Json json = Parse(text);
  if (!json.is_object()) return false;
  const auto format = json.find("format");
  return format != json.end() && *format == kFormat;
}

absl::StatusOr<std::shared_ptr<const PopulationModels>> PopulationModels::FromJson(
    absl::string_view text) {
  constexpr char kWhat[] = "population models";
  const Json json = Parse(text);
  if (!json.is_object()) return Refuse(kWhat, "this is not a JSON object");
  std::string format;
  if (!Read(json, "format", &format).ok() || format != kFormat) {
    return Refuse(kWhat, absl::StrCat("`format` must be ", kFormat));
  }
  std::string column;
  std::shared_ptr<const ValueModel> pooled;
  absl::Status status = Read(json, "column", &column);
  if (status.ok()) status = Annotate(Read(json, "pooled", &pooled), "pooled");
  if (!status.ok()) return Refuse(kWhat, status.message());
  const auto entries = json.find("populations");
  if (entries == json.end() || !entries->is_array()) {
    return Refuse(kWhat, "`populations` must be a list");
  }
  std::vector<Population> populations;
  for (const Json& entry : *entries) {
    Population population;
    if (!entry.is_object() || !Read(entry, "name", &population.name).ok()) {
      return Refuse(kWhat, absl::StrCat("entry ", populations.size(),
                                        " of `populations` must be an object with a `name`"));
    }
    status = Read(entry, &population);
    if (!status.ok()) {
      return Refuse(absl::StrCat("population `", population.name, "`"), status.message());
    }
    populations.push_back(std::move(population));
  }
  return Create(std::move(column), std::move(pooled), std::move(populations));
}

}  // namespace tenure::clv
