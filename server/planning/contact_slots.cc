#include "server/planning/contact_slots.h"

#include <algorithm>

#include "server/base/status.h"

namespace tenure::planning {
namespace {

constexpr double kNoContact = 1e-9;
constexpr int kMostWindows = 100'000;  // a period has fewer days

bool Concerns(const rules::Cap& cap, const rules::Campaign& campaign) {
  switch (cap.scope) {
    case rules::CapScope::kAny:
    case rules::CapScope::kStage:
      return true;
    case rules::CapScope::kCampaign:
      return cap.scope_value == campaign.id;
    case rules::CapScope::kChannel:
      return cap.scope_value == campaign.channel;
    case rules::CapScope::kTag:
      return std::find(campaign.tags.begin(), campaign.tags.end(), cap.scope_value) !=
             campaign.tags.end();
  }
  return false;
}

int32_t StageNumber(const rules::RuleSet& rules, const std::string& id) {
  if (rules.tracks.empty()) return -1;
  const std::vector<rules::Stage>& stages = rules.tracks.front().stages;
  for (size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].id == id) return static_cast<int32_t>(s);
  }
  return -1;
}

// How many windows of the calendar the span touches.
absl::StatusOr<int> CountWindows(Period period, absl::string_view zone, int64_t from_us,
                                 int64_t to_us) {
  int windows = 0;
  for (int64_t at_us = from_us; at_us < to_us && windows < kMostWindows; ++windows) {
    TENURE_ASSIGN_OR_RETURN(const Window window, CalendarWindow(at_us, period, zone));
    at_us = window.end_us;
  }
  return windows;
}

}  // namespace

absl::StatusOr<ContactSlots> ContactSlots::Create(const rules::RuleSet& rules,
                                                  const Arrivals& arrivals, int64_t from_us,
                                                  int64_t to_us) {
  const int64_t span_us = std::max<int64_t>(0, to_us - from_us);
  ContactSlots slots(rules, arrivals,
                     static_cast<double>(span_us) / static_cast<double>(kMicrosPerDay));
  slots.pools_of_.resize(rules.campaigns.size());
  for (const rules::Cap& cap : rules.caps) {
    double windows = 1;
    if (cap.rolling_us > 0) {
      windows = std::max(1.0, static_cast<double>(span_us) / static_cast<double>(cap.rolling_us));
    } else {
      TENURE_ASSIGN_OR_RETURN(const int touched,
                              CountWindows(cap.calendar, rules.zone, from_us, to_us));
      windows = std::max(1, touched);
    }
    Pool pool;
    pool.contacts = cap.count * windows;
    if (cap.scope == rules::CapScope::kStage) pool.stage = StageNumber(rules, cap.scope_value);
    pool.of_all = cap.scope == rules::CapScope::kAny || cap.scope == rules::CapScope::kStage;
    for (size_t c = 0; c < rules.campaigns.size(); ++c) {
      const rules::Campaign& campaign = rules.campaigns[c];
      if (!campaign.obeys_caps || !Concerns(cap, campaign)) continue;
      slots.pools_of_[c].push_back(static_cast<uint32_t>(slots.pools_.size()));
    }
    slots.pools_.push_back(pool);
  }
  return slots;
}

double ContactSlots::Expect(size_t stage, absl::Span<const Wanted> wanted,
                            std::vector<double>* uses) const {
  thread_local std::vector<double> left;
  left.clear();
  for (const Pool& pool : pools_) left.push_back(pool.contacts);
  const double per_day = arrivals_.stages[stage].per_day;
  const double places = per_day * rules_->placements;
  double worth = 0, taken_per_day = 0;
  uses->assign(wanted.size(), 0);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto campaign = static_cast<size_t>(wanted[i].campaign);
    const rules::Campaign& rule = rules_->campaigns[campaign];
    // Arrivals that what is better leaves: a thinned process, taken for Poisson's.
    const double arrivals = std::min(per_day, places - taken_per_day);
    if (arrivals <= 0) break;
    const bool once = rule.reentry != rules::Reentry::kCooldown;
    const double pause =
        once ? days_ : static_cast<double>(rule.cooldown_us) / static_cast<double>(kMicrosPerDay);
    const double demand = ExpectedUses(arrivals, pause, days_);
    double fits = demand;
    for (const uint32_t p : pools_of_[campaign]) {
      const Pool& pool = pools_[p];
      if (pool.stage >= 0 && static_cast<size_t>(pool.stage) != stage) continue;
      // A use that is cut short still takes place: its own score must not be the price.
      if (pool.of_all && left[p] < kNoContact && worth == 0) worth = wanted[i].score;
      fits = std::min(fits, left[p]);
    }
    if (rule.counts_toward_caps) {
      for (const uint32_t p : pools_of_[campaign]) left[p] -= fits;
    }
    (*uses)[i] = fits;
    taken_per_day += fits / days_;
  }
  return worth;
}

double SlotPrice(std::vector<double>* worth) {
  if (worth->empty()) return 0;
  const auto middle = worth->begin() + static_cast<std::ptrdiff_t>((worth->size() - 1) / 2);
  std::nth_element(worth->begin(), middle, worth->end());
  return *middle;
}

}  // namespace tenure::planning
