// A rule set's campaigns by what the gates ask of them: made once a rule set, so that the campaigns
// a customer can't get cost next to nothing at each decision.
#ifndef TENURE_SERVER_DECISION_CAMPAIGN_INDEX_H_
#define TENURE_SERVER_DECISION_CAMPAIGN_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// Immutable; thread-safe. The rule set must outlive it.
class CampaignIndex {
 public:
  explicit CampaignIndex(const rules::RuleSet& rules);

  // A number for a stage by its id; one for all that no campaign names, and for none.
  size_t StageOf(absl::string_view id) const;
  size_t stages() const { return of_stage_.size(); }

  // By campaign, journal::Stop::Byte of the stage gate or 0.
  absl::Span<const uint8_t> Stops(size_t stage) const { return of_stage_[stage].stops; }
  // The campaigns that the stage gate lets through, ascending.
  absl::Span<const uint32_t> Open(size_t stage) const { return of_stage_[stage].open; }

  // Campaigns with a start or an end.
  absl::Span<const uint32_t> scheduled() const { return scheduled_; }

  // A channel, and the campaigns that need the customer's consent to it.
  struct Channel {
    std::string name;
    std::vector<uint32_t> campaigns;
  };
  absl::Span<const Channel> channels() const { return channels_; }

  // -1: the rule set has no such campaign.
  int32_t Find(absl::string_view campaign_id) const;

 private:
  struct OfStage {
    std::vector<uint8_t> stops;
    std::vector<uint32_t> open;
  };
  std::vector<OfStage> of_stage_;  // the last is for any other stage
  absl::flat_hash_map<std::string, size_t> stage_;
  absl::flat_hash_map<std::string, int32_t> campaign_;
  std::vector<uint32_t> scheduled_;
  std::vector<Channel> channels_;
};

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_CAMPAIGN_INDEX_H_
