// The policy's parameters: what the rule set says, and the schema's defaults for what it does not.
#ifndef TENURE_PLUGINS_SDK_PARAMS_H_
#define TENURE_PLUGINS_SDK_PARAMS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "plugins/sdk/barrier.h"

namespace tenure::sdk {

// A number with its standard error.
template <typename N>
struct BasicEstimate {
  N value{};
  N standard_error{};
};
using Estimate = BasicEstimate<double>;

// Read during construction. Throws Error for a key that is neither given nor has a default, which
// after the host's check means that the schema and the policy disagree.
class Params {
 public:
  Params(std::string_view schema_json, std::string_view params_json)
      : values_(nlohmann::json::parse(params_json)) {
    const auto schema = nlohmann::json::parse(schema_json);
    if (!schema.contains("properties")) return;
    for (const auto& [key, property] : schema["properties"].items()) {
      if (!values_.contains(key) && property.contains("default")) {
        values_[key] = property["default"];
      }
    }
  }

  bool Has(const std::string& key) const { return values_.contains(key); }
  double Number(const std::string& key) const { return At(key).get<double>(); }
  int64_t Integer(const std::string& key) const { return At(key).get<int64_t>(); }
  bool Flag(const std::string& key) const { return At(key).get<bool>(); }
  std::string Text(const std::string& key) const { return At(key).get<std::string>(); }
  // Lists and objects.
  const nlohmann::json& At(const std::string& key) const {
    if (!values_.contains(key)) throw Error("parameter '" + key + "' has no value and no default");
    return values_.at(key);
  }

  // `key` with its 5 % and 95 % points, `key`_low and `key`_high; the standard error is that of a
  // normal with the same band. Throws Error when the value is outside its band.
  Estimate Band(const std::string& key) const {
    constexpr double kTwoSided90 = 2 * 1.6448536269514722;
    const double value = Number(key), low = Number(key + "_low"), high = Number(key + "_high");
    if (!(low <= value && value <= high)) {
      throw Error("'" + key + "' is outside the band from '" + key + "_low' to '" + key +
                  "_high': state those too");
    }
    return {value, (high - low) / kTwoSided90};
  }

 private:
  nlohmann::json values_;
};

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_PARAMS_H_
