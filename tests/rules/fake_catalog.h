// Two plugins without code, for tests of the compiler.
#ifndef TENURE_TESTS_RULES_FAKE_CATALOG_H_
#define TENURE_TESTS_RULES_FAKE_CATALOG_H_

#include <map>
#include <string>
#include <vector>

#include "server/rules/compiler.h"

namespace tenure::rules {

// "welcome" reads purchases and, where it is there, customer.age; it takes {"uplift": number}
// below 0.9.
// "win_back" needs customer.last_visit, a timestamp. The shipped policies' names take anything.
class FakeCatalog final : public PluginCatalog {
 public:
  std::vector<std::string> Ids() const override {
    return {"loyalty", "upsell", "welcome", "win_back"};
  }
  const std::vector<Column>* Columns(absl::string_view plugin) const override {
    const auto it = columns_.find(std::string(plugin));
    return it == columns_.end() ? nullptr : &it->second;
  }
  std::vector<ConfigProblem> CheckConfig(absl::string_view plugin,
                                         absl::string_view params_json) const override {
    if (plugin != "welcome") return {};
    if (params_json.find("\"uplift\":\"") != absl::string_view::npos) {
      return {{"/uplift", "a number is needed"}};
    }
    if (params_json.find("\"uplfit\"") != absl::string_view::npos) {
      return {{"/uplfit", "unknown key"}};
    }
    return {};
  }
  absl::Status CheckPolicy(absl::string_view plugin, absl::string_view params_json,
                           absl::Span<const Offer> offers) const override {
    if (plugin == "welcome" && params_json.find("\"uplift\":0.9") != absl::string_view::npos) {
      return absl::InvalidArgumentError("plugin welcome 1.0: uplift leaves its band");
    }
    for (const Offer& offer : offers) {
      if (plugin == "loyalty" && offer.id == "unwanted") {
        return absl::InvalidArgumentError(
            "plugin loyalty 1.0: the ladder lacks the offer unwanted");
      }
    }
    return absl::OkStatus();
  }
  void NeedLastVisit() {
    columns_["win_back"] = {{"customer.last_visit", DType::kTimestamp, true}};
  }

 private:
  std::map<std::string, std::vector<Column>> columns_ = {
      {"loyalty", {}},
      {"upsell", {}},
      {"welcome", {{"purchases", DType::kInt64, true}, {"customer.age", DType::kInt64, false}}},
      {"win_back", {}}};
};

}  // namespace tenure::rules

#endif  // TENURE_TESTS_RULES_FAKE_CATALOG_H_
