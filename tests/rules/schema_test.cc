// What rules/schema/rules.schema.json bounds, the compiler bounds too: an editor and the server
// must not disagree. One rule set that uses every key is bent at each bound of the schema in turn.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/rules/compiler.h"
#include "tests/rules/fake_catalog.h"

namespace tenure::rules {
namespace {

using Json = nlohmann::json;

constexpr char kEverything[] = R"({
  "name": "shop", "currency": "USD", "zone": "UTC", "placements": 2,
  "attributes": [{"name": "age", "type": "int", "service_only": false, "protected_class": false}],
  "value": {"model": "auto", "time_unit_days": 7, "horizon_days": 364, "discount": "10 %/year",
            "response_window_days": 28, "margin_rate": 0.3, "margin_by_category": {"shoes": 0.4},
            "tier_hysteresis": 0.05,
            "learn_from": "weighted", "refit": {"every": "7d", "when_psi_above": 0.25,
            "when_calibration_off_by": 0.2, "activate": true},
            "populations": [{"name": "gym", "when": "customer.age > 30", "model": "sbg",
              "time_unit_days": 31, "horizon_days": 730, "discount": "1 %/month",
              "response_window_days": 62, "margin_rate": 0.6}]},
  "tiers": {"high_share": 0.2, "medium_share": 0.3},
  "holdout": {"share": 0.1, "salt": "2018"},
  "arrivals": {"per_week": 0.5},
  "quiet_hours": {"from": "21:00", "to": "08:00", "action": "defer"},
  "tracks": [{"id": "lifecycle", "stages": [
    {"id": "new", "title": "New", "enter": "purchases == 1", "exit": "purchases > 1",
     "min_dwell": "1d", "cool_down": "1d"}]}],
  "segments": [{"id": "west", "title": "West", "when": "customer.age > 30"}],
  "budgets": [{"id": "lifecycle", "period": "month", "limit": 100000, "split": "proportional_clv",
    "unplanned": 10, "exploration": {"limit": 5, "share": 0.02},
    "replan": {"every": "1d", "when_spend_off_by": 0.2, "when_newcomers_above": "10 %",
               "when_population_moved_by": "10 %"},
    "carry_over": "unspent", "max_carry_over": 500, "per_customer": 50,
    "pacing": {"shape": "even", "day_max": 9, "stale_after": "2h"}, "segments": [
      {"id": "some", "when": "purchases > 1", "min": 1, "max": 100}, {"id": "all", "max": 9}]}],
  "campaigns": [{"id": "hello", "title": "Hello", "class": "ranked", "channel": "email",
    "tags": ["first"], "start": "2018-01-01", "end": "2019-01-01", "stages": ["new"],
    "eligible": "segment.west", "plugin": "welcome", "params": {"uplift": 0.1},
    "offers": [{"id": "ten", "title": "Ten", "contact_cost": 0.1, "discount_rate": 0.1,
                "max_discount": 5, "redemption": 0.5, "valid_days": 14,
                "reserve": "at_redemption"},
               {"id": "five", "discount": 5, "valid_days": 14, "reserve": "liability",
                "on_insufficient": "clamp"}],
    "budget": "lifecycle", "priority": 1, "lever": 1, "exclusivity_group": "first",
    "hold": "15m", "reentry": "cooldown", "cooldown": "30d",
    "holdout": {"share": 0.1, "falls_through": true}, "obeys_caps": true,
    "counts_toward_caps": true}],
  "caps": [{"id": "week", "count": 2, "scope": "tag", "scope_value": "first", "rolling": "7d"},
           {"id": "day", "count": 1, "calendar": "day"}]
})";

Json ReadSchema() {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  std::ifstream in(
      absl::StrCat(source == nullptr ? "." : source, "/rules/schema/rules.schema.json"));
  return Json::parse(in);
}

std::string Errors(const Json& document) {
  const Compiled compiled = Compile({{"rules.yaml", document.dump(1)}}, FakeCatalog());
  std::string errors;
  for (const Problem& problem : compiled.problems) {
    if (problem.severity == Severity::kError) absl::StrAppend(&errors, problem.message, "\n");
  }
  return errors;
}

// Walks a schema and the document beside it.
class Walk {
 public:
  Walk() : schema_(ReadSchema()), document_(Json::parse(kEverything)) {}

  void Run() { Visit(schema_, Json::json_pointer()); }
  const Json& document() const { return document_; }
  int bounds() const { return bounds_; }

 private:
  void Visit(const Json& schema, const Json::json_pointer& at) {
    if (schema.contains("$ref")) {
      const auto ref = schema["$ref"].get<std::string>();
      Visit(schema_.at(Json::json_pointer(ref.substr(1))), at);
    }
    for (const char* several : {"allOf", "anyOf"}) {
      if (!schema.contains(several)) continue;
      for (const Json& part : schema[several]) Visit(part, at);
    }
    CheckNumbers(schema, at);
    if (schema.contains("enum")) Refused(at, "no_such_word", "a word that is not listed");
    const Json required = schema.value("required", Json::array());
    for (const Json& key : required) {
      Json bent = document_;
      bent[at].erase(key.get<std::string>());
      Refused(bent, absl::StrCat(at.to_string(), " without ", key.get<std::string>()));
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [key, property] : properties.items()) {
      // A key stands in the first item of a list or, where keys exclude each other, in the second.
      Json::json_pointer of = at;
      if (!document_[at].contains(key) && !at.empty() && at.back() == "0") {
        of = at.parent_pointer() / 1;
      }
      if (!document_.contains(of / key)) {
        ADD_FAILURE() << "the document of this test lacks " << at.to_string() << "/" << key;
        continue;
      }
      Visit(property, of / key);
    }
    if (!schema.contains("items")) return;
    CheckLengths(schema, at);
    Visit(schema["items"], at / 0);
  }

  void CheckNumbers(const Json& schema, const Json::json_pointer& at) {
    for (const auto& [bound, beyond] :
         {std::pair<const char*, int>{"minimum", -1}, {"maximum", 1}}) {
      if (!schema.contains(bound)) continue;
      const Json& limit = schema[bound];
      Json over = limit.get<double>() + beyond;
      if (limit.is_number_integer()) over = limit.get<int64_t>() + beyond;
      Refused(at, over, absl::StrCat("beyond the ", bound));
      Json bent = document_;
      bent[at] = limit;
      // Other rules may refuse the limit, as a window longer than the horizon; its own does not.
      EXPECT_FALSE(absl::StrContains(Errors(bent), "number from"))
          << at.to_string() << " at its " << bound;
    }
  }

  void CheckLengths(const Json& schema, const Json::json_pointer& at) {
    if (schema.contains("minItems")) {
      ASSERT_EQ(schema["minItems"], 1) << at.to_string();
      Refused(at, Json::array(), "an empty list");
    }
    if (!schema.contains("maxItems")) return;
    const auto limit = schema["maxItems"].get<size_t>();
    const Json item = document_[at][0];
    const std::string id = item.contains("id") ? "id" : "name";
    Json list = Json::array();
    for (size_t i = 0; i <= limit; ++i) {
      list.push_back(item);
      list.back()[id] = absl::StrCat("x", i);
    }
    ++bounds_;
    Json bent = document_;
    bent[at] = list;
    EXPECT_TRUE(absl::StrContains(Errors(bent), "more than"))
        << at.to_string() << " over its limit";
    list.erase(list.size() - 1);
    bent[at] = list;
    EXPECT_FALSE(absl::StrContains(Errors(bent), "more than")) << at.to_string() << " at its limit";
  }

  void Refused(const Json::json_pointer& at, const Json& value, const std::string& what) {
    Json bent = document_;
    bent[at] = value;
    Refused(bent, absl::StrCat(at.to_string(), ", ", what));
  }

  void Refused(const Json& bent, const std::string& what) {
    ++bounds_;
    EXPECT_NE(Errors(bent), "") << what << ", is refused by the schema and not by the compiler";
  }

  const Json schema_;
  const Json document_;
  int bounds_ = 0;
};

TEST(Schema, EveryBound_IsTheCompilersToo) {
  Walk walk;
  ASSERT_EQ(Errors(walk.document()), "");
  walk.Run();
  EXPECT_GT(walk.bounds(), 60);
}

}  // namespace
}  // namespace tenure::rules
