#include "server/decision/gates.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/time.h"

namespace tenure::decision {
namespace {

constexpr absl::string_view kMarketing = "marketing";

bool HasTag(const std::vector<std::string>& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

// Whether the cap speaks of a contact with these properties.
bool Covers(const rules::Cap& cap, const std::string& campaign, const std::string& channel,
            absl::string_view stage, const std::vector<std::string>& tags) {
  switch (cap.scope) {
    case rules::CapScope::kAny:
      return true;
    case rules::CapScope::kCampaign:
      return campaign == cap.scope_value;
    case rules::CapScope::kTag:
      return HasTag(tags, cap.scope_value);
    case rules::CapScope::kStage:
      return stage == cap.scope_value;
    case rules::CapScope::kChannel:
      return channel == cap.scope_value;
  }
  return false;
}

int64_t WindowStart(const rules::Cap& cap, const std::string& zone, int64_t at_us) {
  // A rolling window is (at − length, at]: a contact exactly `length` ago no longer counts.
  if (cap.rolling_us > 0) return at_us - cap.rolling_us + 1;
  const auto window = CalendarWindow(at_us, cap.calendar, zone);
  // The compiler has checked the zone; without one every contact counts, which is the safe side.
  return window.ok() ? window->start_us : 0;
}

}  // namespace

bool Consented(const customers::Profile& profile, absl::string_view channel) {
  for (const customers::Consent& consent : profile.consents) {
    if (consent.channel == channel && consent.purpose == kMarketing) {
      return consent.state == journal::ConsentState::kGranted;
    }
  }
  return false;
}

bool MayReenter(const rules::Campaign& campaign, const customers::Profile& profile, int64_t at_us) {
  for (const customers::Contact& contact : profile.contacts) {
    if (contact.campaign != campaign.id) continue;
    switch (campaign.reentry) {
      case rules::Reentry::kOnce:
        return false;
      case rules::Reentry::kPerEntry:
        if (contact.at_us >= profile.stage_entered_us) return false;
        break;
      case rules::Reentry::kCooldown:
        if (at_us - contact.at_us < campaign.cooldown_us) return false;
        break;
    }
  }
  return true;
}

const rules::Cap* FullCap(const rules::RuleSet& rules, const rules::Campaign& campaign,
                          const customers::Profile& profile, absl::string_view stage,
                          absl::Span<const rules::Campaign* const> taken, int64_t at_us) {
  if (!campaign.obeys_caps) return nullptr;
  for (const rules::Cap& cap : rules.caps) {
    if (!Covers(cap, campaign.id, campaign.channel, stage, campaign.tags)) continue;
    const int64_t start_us = WindowStart(cap, rules.zone, at_us);
    int32_t count = 0;
    for (const customers::Contact& contact : profile.contacts) {
      count += contact.counts && contact.at_us >= start_us &&
               Covers(cap, contact.campaign, contact.channel, contact.stage, contact.tags);
    }
    for (const rules::Campaign* other : taken) {
      count +=
          other->counts_toward_caps && Covers(cap, other->id, other->channel, stage, other->tags);
    }
    if (count >= cap.count) return &cap;
  }
  return nullptr;
}

std::optional<int64_t> QuietUntil(const rules::RuleSet& rules, int64_t at_us) {
  if (!rules.quiet_hours.has_value()) return std::nullopt;
  const rules::QuietHours& quiet = *rules.quiet_hours;
  const auto minute = LocalMinute(at_us, rules.zone);
  const auto end = NextLocalMinute(at_us, quiet.to_minute, rules.zone);
  if (!minute.ok() || !end.ok()) return std::nullopt;  // the compiler has checked the zone
  const bool inside = quiet.from_minute <= quiet.to_minute
                          ? *minute >= quiet.from_minute && *minute < quiet.to_minute
                          : *minute >= quiet.from_minute || *minute < quiet.to_minute;
  if (!inside) return std::nullopt;
  return *end;
}

bool InGlobalHoldout(const rules::RuleSet& rules, absl::string_view customer_id) {
  return HashBucket(rules.holdout.salt, customer_id) < rules.holdout.share;
}

bool InCampaignHoldout(const rules::RuleSet& rules, const rules::Campaign& campaign,
                       absl::string_view customer_id) {
  if (campaign.holdout_share == 0) return false;
  return HashBucket(absl::StrCat(rules.holdout.salt, "/", campaign.id), customer_id) <
         campaign.holdout_share;
}

}  // namespace tenure::decision
