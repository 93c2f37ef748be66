#include "server/rules/model_settings.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/discount.h"
#include "server/rules/model_name.h"

namespace tenure::rules {
namespace {

void ReadModel(MapReader* map, Draft* draft, ModelSettings* settings) {
  std::string name;
  if (!map->Text("model", &name)) return;
  if (IsModelName(name)) {
    settings->model = std::move(name);
    return;
  }
  const std::string near = Suggest(name, ModelNames());
  draft->problems->Error(map->Find("model")->mark, absl::StrCat("there is no model \"", name, "\""),
                         near.empty() ? "docs/clv.md names them; `auto` chooses one" : near);
}

void ReadDiscount(MapReader* map, Draft* draft, ModelSettings* settings) {
  std::string text;
  if (!map->Text("discount", &text)) return;
  const absl::StatusOr<Discount> discount = ParseDiscount(text);
  std::string problem(discount.status().message());
  if (discount.ok() && discount->PerYear() > 1 && !NamesUnit(text)) {
    problem = absl::StrCat("`", text, "` is more than 100 % a year, and says no unit");
  }
  if (problem.empty()) {
    settings->discount_per_year = discount->PerYear();
    return;
  }
  draft->problems->Error(map->Find("discount")->mark, std::move(problem),
                         "write 10 %/year, 1 %/month or 12 %/year compounded monthly");
}

}  // namespace

void ReadModelSettings(MapReader* map, Draft* draft, ModelSettings* settings) {
  ReadModel(map, draft, settings);
  const bool has_unit = map->Number("time_unit_days", 1, 366, &settings->time_unit_days);
  map->Number("horizon_days", 1, 36'500, &settings->horizon_days);
  ReadDiscount(map, draft, settings);
  map->Number("response_window_days", 1, 366, &settings->response_window_days);
  double margin_rate = 0;
  if (map->Share("margin_rate", &margin_rate)) settings->margin_rate = margin_rate;
  if (settings->response_window_days > settings->horizon_days) {
    draft->problems->Error(map->mark(), "the response window is longer than the horizon");
  }
  if (map->Has("model") && IsContractModel(settings->model) && !has_unit) {
    draft->problems->Error(
        map->Find("model")->mark,
        absl::StrCat("the contracts of \"", settings->model, "\" have no period"),
        "state it as \"time_unit_days\": 31 for a month, 366 for a year");
  }
}

}  // namespace tenure::rules
