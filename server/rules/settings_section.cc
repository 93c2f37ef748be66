#include <algorithm>

#include "server/base/money.h"
#include "server/rules/model_settings.h"
#include "server/rules/sections.h"

namespace tenure::rules {
namespace {

void ReadMargins(const Node& node, Draft* draft) {
  if (node.kind != Node::Kind::kMap) {
    draft->problems->Error(
        node.mark, absl::StrCat("\"margin_by_category\" is a map, here stands ", KindName(node)),
        "write {CATEGORY: 40 %, …}");
    return;
  }
  MapReader map(node, "\"margin_by_category\"", draft->problems);
  for (const Node::Entry& entry : node.entries) {
    double rate = 0;
    if (!map.Share(entry.key->text, &rate)) continue;
    draft->set.value.margin_by_category.emplace_back(entry.key->text, rate);
  }
  std::sort(draft->set.value.margin_by_category.begin(), draft->set.value.margin_by_category.end());
}

void ReadRefit(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"refit\"", draft->problems);
  RefitSettings refit;
  if (map.Span("every", &refit.every_us) && refit.every_us < kMicrosPerHour) {
    draft->problems->Error(map.Find("every")->mark, "a refit more often than every hour",
                           "write 1d or more: a day changes little");
  }
  double limit = 0;
  if (map.Number("when_psi_above", 0.01, 10, &limit)) refit.when_psi_above = limit;
  if (map.Number("when_calibration_off_by", 0.01, 10, &limit)) {
    refit.when_calibration_off_by = limit;
  }
  map.Flag("activate", &refit.activate);
  map.Finish();
  if (!map.Has("every") && !map.Has("when_psi_above") && !map.Has("when_calibration_off_by")) {
    draft->problems->Error(node.mark, "\"refit\" says nothing of when",
                           "state `every`, `when_psi_above` or `when_calibration_off_by`");
  }
  draft->set.value.refit = refit;
}

void ReadValue(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"value\"", draft->problems);
  ValueSettings& value = draft->set.value;
  ReadModelSettings(&map, draft, &value);
  if (const Node* margins = map.Find("margin_by_category")) ReadMargins(*margins, draft);
  map.Number("tier_hysteresis", 0, 0.5, &value.tier_hysteresis);
  map.Choice<LearnFrom>("learn_from",
                        {{"all", LearnFrom::kAll},
                         {"holdout", LearnFrom::kHoldout},
                         {"weighted", LearnFrom::kWeighted}},
                        &value.learn_from);
  if (const Node* refit = map.Find("refit")) ReadRefit(*refit, draft);
  map.Has("populations");  // read once the schema is known
  map.Finish();
}

void ReadTiers(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"tiers\"", draft->problems);
  TierSettings& tiers = draft->set.tiers;
  map.Share("high_share", &tiers.high_share);
  map.Share("medium_share", &tiers.medium_share);
  map.Finish();
  if (tiers.high_share + tiers.medium_share > 1) {
    draft->problems->Error(node.mark,
                           "\"high_share\" and \"medium_share\" are together over 100 %");
  }
}

void ReadQuietHours(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"quiet_hours\"", draft->problems);
  QuietHours hours;
  map.Require("from");
  map.Require("to");
  const bool from = map.TimeOfDay("from", &hours.from_minute);
  const bool to = map.TimeOfDay("to", &hours.to_minute);
  map.Choice<bool>("action", {{"defer", true}, {"drop", false}}, &hours.defer);
  map.Finish();
  if (from && to && hours.from_minute == hours.to_minute) {
    draft->problems->Error(node.mark, "quiet hours begin and end at the same time",
                           "leave the section out where there are none");
  }
  draft->set.quiet_hours = hours;
}

void ReadHoldout(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"holdout\"", draft->problems);
  map.Require("share");
  map.HashShare("share", &draft->set.holdout.share);
  map.Require("salt");
  map.Text("salt", &draft->set.holdout.salt);
  map.Finish();
}

void ReadArrivals(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"arrivals\"", draft->problems);
  map.Require("per_week");
  double per_week = 0;
  if (map.Number("per_week", 0, 10'000, &per_week)) draft->set.arrivals_per_week = per_week;
  map.Finish();
}

void CheckZone(MapReader* root, Draft* draft) {
  const Node* node = root->Require("zone");
  if (!root->Text("zone", &draft->set.zone)) return;
  const absl::StatusOr<Window> window = CalendarWindow(0, Period::kDay, draft->set.zone);
  if (!window.ok()) draft->problems->Error(node->mark, std::string(window.status().message()));
}

}  // namespace

void ReadSettings(MapReader* root, Draft* draft) {
  root->Require("name");
  root->Id("name", &draft->set.name);
  const Node* currency = root->Require("currency");
  if (root->Text("currency", &draft->set.currency) && !IsCurrencyCode(draft->set.currency)) {
    draft->problems->Error(currency->mark,
                           absl::StrCat("\"", draft->set.currency, "\" is no currency code"),
                           "write three capital letters, such as USD");
  }
  CheckZone(root, draft);
  int64_t placements = draft->set.placements;
  root->Whole("placements", 1, kMaxPlacements, &placements);
  draft->set.placements = static_cast<int32_t>(placements);
  if (const Node* node = root->Find("value")) ReadValue(*node, draft);
  if (const Node* node = root->Find("tiers")) ReadTiers(*node, draft);
  if (const Node* node = root->Find("quiet_hours")) ReadQuietHours(*node, draft);
  if (const Node* node = root->Find("holdout")) ReadHoldout(*node, draft);
  if (const Node* node = root->Find("arrivals")) ReadArrivals(*node, draft);
  const Node* value = root->Find("value");
  if (draft->set.value.learn_from == LearnFrom::kHoldout && draft->set.holdout.share == 0) {
    draft->problems->Error(value->mark, "\"learn_from: holdout\" without a global holdout",
                           "give the section \"holdout\" a share above 0, or learn from weighted");
  }
}

}  // namespace tenure::rules
