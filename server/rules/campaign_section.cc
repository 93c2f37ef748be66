#include <algorithm>

#include "server/rules/canonical_json.h"
#include "server/rules/condition.h"
#include "server/rules/sections.h"

namespace tenure::rules {
namespace {

void ReadSchedule(MapReader* map, Campaign* campaign, Draft* draft) {
  int64_t at_us = 0;
  if (map->Instant("start", &at_us)) campaign->start_us = at_us;
  if (map->Instant("end", &at_us)) campaign->end_us = at_us;
  if (campaign->start_us.has_value() && campaign->end_us.has_value() &&
      *campaign->start_us >= *campaign->end_us) {
    draft->problems->Error(campaign->mark, "the campaign ends before it starts");
  }
}

void ReadAudience(MapReader* map, Campaign* campaign, Draft* draft) {
  std::vector<std::pair<std::string, Mark>> stages;
  if (map->Texts("stages", &stages) && stages.empty()) {
    draft->problems->Warn(campaign->mark, "an empty list of stages means any stage",
                          "leave it out, or name the stages");
  }
  for (auto& [stage, mark] : stages) {
    if (draft->set.tracks.empty() ||
        !CheckReference(stage, mark, "stage", draft->set.tracks[0].stages, draft->problems)) {
      continue;
    }
    if (std::count(campaign->stages.begin(), campaign->stages.end(), stage) > 0) {
      draft->problems->Error(mark, absl::StrCat("the stage \"", stage, "\" stands twice"));
      continue;
    }
    campaign->stages.push_back(std::move(stage));
  }
  const bool marketing = campaign->campaign_class != CampaignClass::kService;
  const ConditionScope scope{"a campaign", marketing, draft->set.schema->size()};
  campaign->eligible = ReadCondition(map, "eligible", scope, draft);
}

// The columns that the plugin reads must be there, with its types, for the purpose.
void CheckPluginColumns(const std::vector<PluginCatalog::Column>& columns, const Campaign& campaign,
                        const Mark& mark, Draft* draft) {
  const std::string reader = absl::StrCat("the plugin \"", campaign.plugin, "\"");
  for (const PluginCatalog::Column& column : columns) {
    const std::optional<size_t> index = draft->set.schema->Find(column.name);
    if (!index.has_value()) {
      if (!column.required) continue;
      draft->problems->Error(mark,
                             absl::StrCat(reader, " needs the column \"", column.name,
                                          "\", which these rules don't have"),
                             "declare it among the attributes, or choose another plugin");
      continue;
    }
    const DType found = draft->set.schema->field(*index).dtype;
    if (found != column.dtype) {
      draft->problems->Error(
          mark, absl::StrCat(reader, " reads \"", column.name, "\" as ", DTypeName(column.dtype),
                             ", here it is of type ", DTypeName(found)));
    }
    CheckPurpose(column.name, campaign.campaign_class != CampaignClass::kService, reader, mark,
                 draft);
  }
}

// The plugin must make a policy of what it is given, or every decision finds the campaign stopped.
void CheckPolicy(MapReader* map, const Campaign& campaign, Draft* draft) {
  const absl::Status status =
      draft->plugins->CheckPolicy(campaign.plugin, campaign.params_json, campaign.offers);
  if (status.ok()) return;
  const Node* params = map->Find("params");
  draft->problems->Error(
      params == nullptr ? campaign.mark : params->mark,
      absl::StrCat("the plugin \"", campaign.plugin,
                   "\" refuses these parameters with these offers: ", status.message()));
}

void ReadPlugin(MapReader* map, Campaign* campaign, Draft* draft) {
  const Node* plugin = map->Require("plugin");
  const Node* params = map->Find("params");
  campaign->params_json = params == nullptr ? "{}" : CanonicalJson(*params, draft->problems);
  if (!map->Text("plugin", &campaign->plugin)) return;
  const std::vector<PluginCatalog::Column>* columns = draft->plugins->Columns(campaign->plugin);
  if (columns == nullptr) {
    const std::vector<std::string> ids = draft->plugins->Ids();
    draft->problems->Error(plugin->mark,
                           absl::StrCat("there is no plugin \"", campaign->plugin, "\""),
                           ids.empty() ? "no plugin is loaded" : Suggest(campaign->plugin, ids));
    return;
  }
  CheckPluginColumns(*columns, *campaign, plugin->mark, draft);
  for (const PluginCatalog::ConfigProblem& problem :
       draft->plugins->CheckConfig(campaign->plugin, campaign->params_json)) {
    const Mark mark = params == nullptr ? plugin->mark : MarkOfPointer(*params, problem.pointer);
    draft->problems->Error(mark, absl::StrCat("parameters of the plugin \"", campaign->plugin,
                                              "\": ", problem.message));
  }
}

void ReadOffers(MapReader* map, Campaign* campaign, Draft* draft) {
  const Node* list = map->Require("offers");
  const std::vector<NodePtr>& nodes = map->Items("offers");
  if (!CheckCount(nodes, kMaxOffers, "offers in a campaign", draft->problems)) return;
  IdSet ids("offer of this campaign", draft->problems);
  for (const NodePtr& node : nodes) {
    campaign->offers.push_back(ReadOffer(*node, draft));
    ids.Add(campaign->offers.back().id, node->mark);
  }
  CheckNotEmpty(list, nodes, "a campaign needs at least one offer", draft->problems);
}

void ReadBudgetOf(MapReader* map, Campaign* campaign, Draft* draft) {
  const Node* budget = map->Find("budget");
  if (budget != nullptr && map->Text("budget", &campaign->budget)) {
    CheckReference(campaign->budget, budget->mark, "budget", draft->set.budgets, draft->problems);
    return;
  }
  const bool costs =
      std::any_of(campaign->offers.begin(), campaign->offers.end(), [](const Offer& offer) {
        return offer.contact_cost_micros > 0 || offer.discount_rate > 0 ||
               offer.discount_micros > 0;
      });
  if (costs && budget == nullptr) {
    draft->problems->Warn(campaign->mark, "the offers cost money, and no budget bounds it",
                          "name one by the key \"budget\"");
  }
}

void ReadHoldoutOf(MapReader* map, Campaign* campaign, Draft* draft) {
  const Node* node = map->Find("holdout");
  if (node == nullptr) return;
  MapReader holdout(*node, "a campaign's holdout", draft->problems);
  holdout.Require("share");
  holdout.HashShare("share", &campaign->holdout_share);
  holdout.Flag("falls_through", &campaign->holdout_falls_through);
  holdout.Finish();
}

void ReadRanking(MapReader* map, Campaign* campaign) {
  int64_t priority = 0;
  map->Whole("priority", -1'000, 1'000, &priority);
  campaign->priority = static_cast<int32_t>(priority);
  map->Number("lever", 0, 100, &campaign->lever);
  map->Text("exclusivity_group", &campaign->exclusivity_group);
}

void ReadContact(MapReader* map, Campaign* campaign, Draft* draft) {
  if (map->Span("hold", &campaign->hold_us) && campaign->hold_us < kMicrosPerSecond) {
    draft->problems->Error(map->Find("hold")->mark, "money can't be held for less than a second",
                           "write hold: 15m, the time that a commit may take");
  }
  map->Choice<Reentry>("reentry",
                       {{"cooldown", Reentry::kCooldown},
                        {"once", Reentry::kOnce},
                        {"per_entry", Reentry::kPerEntry}},
                       &campaign->reentry);
  if (map->Span("cooldown", &campaign->cooldown_us) && campaign->reentry != Reentry::kCooldown) {
    draft->problems->Error(campaign->mark, "\"cooldown\" says nothing under this \"reentry\"",
                           "write reentry: cooldown, or leave \"cooldown\" out");
  }
  map->Flag("obeys_caps", &campaign->obeys_caps);
  map->Flag("counts_toward_caps", &campaign->counts_toward_caps);
}

Campaign ReadCampaign(const Node& node, Draft* draft) {
  MapReader map(node, "a campaign", draft->problems);
  Campaign campaign;
  campaign.mark = node.mark;
  map.Require("id");
  map.Id("id", &campaign.id);
  campaign.title = campaign.id;
  map.Text("title", &campaign.title);
  map.Choice<CampaignClass>(
      "class", {{"ranked", CampaignClass::kRanked}, {"service", CampaignClass::kService}},
      &campaign.campaign_class);
  if (campaign.campaign_class == CampaignClass::kService) campaign.obeys_caps = false;
  map.Require("channel");
  map.Id("channel", &campaign.channel);
  std::vector<std::pair<std::string, Mark>> tags;
  map.Texts("tags", &tags);
  for (const auto& [tag, mark] : tags) {
    if (!IsId(tag)) ReportBadId(mark, tag, draft->problems);
    campaign.tags.push_back(tag);
  }
  ReadSchedule(&map, &campaign, draft);
  ReadAudience(&map, &campaign, draft);
  const size_t errors_before = draft->problems->errors();
  ReadPlugin(&map, &campaign, draft);
  ReadOffers(&map, &campaign, draft);
  if (draft->problems->errors() == errors_before) CheckPolicy(&map, campaign, draft);
  ReadBudgetOf(&map, &campaign, draft);
  ReadRanking(&map, &campaign);
  ReadContact(&map, &campaign, draft);
  ReadHoldoutOf(&map, &campaign, draft);
  map.Finish();
  return campaign;
}

}  // namespace

void ReadCampaigns(MapReader* root, Draft* draft) {
  IdSet ids("campaign", draft->problems);
  const std::vector<NodePtr>& nodes = root->Items("campaigns");
  if (!CheckCount(nodes, kMaxCampaigns, "campaigns", draft->problems)) return;
  for (const NodePtr& node : nodes) {
    draft->set.campaigns.push_back(ReadCampaign(*node, draft));
    ids.Add(draft->set.campaigns.back().id, node->mark);
  }
}

}  // namespace tenure::rules
