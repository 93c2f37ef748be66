#include "server/decision/campaign_index.h"

#include <algorithm>

#include "server/journal/candidate.h"

namespace tenure::decision {

CampaignIndex::CampaignIndex(const rules::RuleSet& rules) {
  for (const rules::Campaign& campaign : rules.campaigns) {
    for (const std::string& stage : campaign.stages) stage_.try_emplace(stage, stage_.size());
  }
  constexpr uint8_t kStopped = journal::Stop{journal::Gate::kStage}.Byte();
  of_stage_.assign(stage_.size() + 1, {std::vector<uint8_t>(rules.campaigns.size(), kStopped), {}});
  for (uint32_t c = 0; c < rules.campaigns.size(); ++c) {
    const rules::Campaign& campaign = rules.campaigns[c];
    campaign_.try_emplace(campaign.id, static_cast<int32_t>(c));
    for (const std::string& stage : campaign.stages) of_stage_[stage_[stage]].stops[c] = 0;
    if (campaign.stages.empty()) {
      for (OfStage& any : of_stage_) any.stops[c] = 0;
    }
    if (campaign.start_us.has_value() || campaign.end_us.has_value()) scheduled_.push_back(c);
    if (campaign.campaign_class == rules::CampaignClass::kService) continue;
    auto channel = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& known) {
      return known.name == campaign.channel;
    });
    if (channel == channels_.end()) channel = channels_.insert(channel, {campaign.channel, {}});
    channel->campaigns.push_back(c);
  }
  for (OfStage& stage : of_stage_) {
    for (uint32_t c = 0; c < stage.stops.size(); ++c) {
      if (stage.stops[c] == 0) stage.open.push_back(c);
    }
  }
}

size_t CampaignIndex::StageOf(absl::string_view id) const {
  const auto it = stage_.find(id);
  return it == stage_.end() ? of_stage_.size() - 1 : it->second;
}

int32_t CampaignIndex::Find(absl::string_view campaign_id) const {
  const auto it = campaign_.find(campaign_id);
  return it == campaign_.end() ? -1 : it->second;
}

}  // namespace tenure::decision
