#include <algorithm>

#include "server/rules/sections.h"

namespace tenure::rules {
namespace {

// Customers keep all their contacts for as long (customers/fold.h).
constexpr int64_t kMaxRollingDays = 400;

// The tags or channels that any campaign has must hold the cap's.
void CheckUsed(const Cap& cap, const Mark& mark, const std::string& what, Draft* draft) {
  std::vector<std::string> used;
  for (const Campaign& campaign : draft->set.campaigns) {
    if (cap.scope == CapScope::kChannel) used.push_back(campaign.channel);
    if (cap.scope == CapScope::kTag) {
      used.insert(used.end(), campaign.tags.begin(), campaign.tags.end());
    }
  }
  if (std::find(used.begin(), used.end(), cap.scope_value) != used.end()) return;
  draft->problems->Error(mark,
                         absl::StrCat("no campaign has the ", what, " \"", cap.scope_value, "\""),
                         Suggest(cap.scope_value, used));
}

void CheckScope(const Cap& cap, MapReader* map, Draft* draft) {
  const Node* value = map->Find("scope_value");
  if (cap.scope == CapScope::kAny) {
    if (value != nullptr) {
      draft->problems->Error(value->mark, "\"scope_value\" says nothing under scope any",
                             "leave it out, or name a scope: campaign, tag, stage, channel");
    }
    return;
  }
  if (value == nullptr) {
    draft->problems->Error(map->mark(), "a cap of this scope needs the key \"scope_value\"");
    return;
  }
  switch (cap.scope) {
    case CapScope::kCampaign:
      CheckReference(cap.scope_value, value->mark, "campaign", draft->set.campaigns,
                     draft->problems);
      return;
    case CapScope::kStage:
      if (!draft->set.tracks.empty()) {
        CheckReference(cap.scope_value, value->mark, "stage", draft->set.tracks[0].stages,
                       draft->problems);
      }
      return;
    case CapScope::kTag:
      return CheckUsed(cap, value->mark, "tag", draft);
    case CapScope::kChannel:
      return CheckUsed(cap, value->mark, "channel", draft);
    case CapScope::kAny:
      return;
  }
}

Cap ReadCap(const Node& node, Draft* draft) {
  MapReader map(node, "a cap", draft->problems);
  Cap cap;
  cap.mark = node.mark;
  map.Require("id");
  map.Id("id", &cap.id);
  map.Require("count");
  int64_t count = 0;
  if (map.Whole("count", 0, 1'000'000, &count) && count == 0) {
    draft->problems->Warn(node.mark, "a cap of count 0 lets nobody be contacted",
                          "where that is meant, leave out the campaigns instead");
  }
  cap.count = static_cast<int32_t>(count);
  map.Choice<CapScope>("scope",
                       {{"any", CapScope::kAny},
                        {"campaign", CapScope::kCampaign},
                        {"tag", CapScope::kTag},
                        {"stage", CapScope::kStage},
                        {"channel", CapScope::kChannel}},
                       &cap.scope);
  map.Text("scope_value", &cap.scope_value);
  CheckScope(cap, &map, draft);
  if (map.Span("rolling", &cap.rolling_us)) {
    if (cap.rolling_us == 0) draft->problems->Error(node.mark, "a rolling window of no length");
    if (cap.rolling_us > kMaxRollingDays * kMicrosPerDay) {
      draft->problems->Error(
          node.mark, absl::StrCat("a rolling window has at most ", kMaxRollingDays, " days"),
          "contacts are counted for so long; reentry: once knows no end");
    }
  }
  map.Choice<Period>("calendar",
                     {{"day", Period::kDay},
                      {"week", Period::kWeek},
                      {"month", Period::kMonth},
                      {"quarter", Period::kQuarter},
                      {"year", Period::kYear}},
                     &cap.calendar);
  if (node.kind == Node::Kind::kMap && map.Has("rolling") == map.Has("calendar")) {
    draft->problems->Error(node.mark, "a cap has one window: \"rolling\" or \"calendar\"",
                           "write rolling: 7d, or calendar: week");
  }
  map.Finish();
  return cap;
}

}  // namespace

void ReadCaps(MapReader* root, Draft* draft) {
  IdSet ids("cap", draft->problems);
  for (const NodePtr& node : root->Items("caps")) {
    draft->set.caps.push_back(ReadCap(*node, draft));
    ids.Add(draft->set.caps.back().id, node->mark);
  }
}

}  // namespace tenure::rules
