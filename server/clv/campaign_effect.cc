#include "server/clv/campaign_effect.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::clv {
namespace {

absl::Status CheckShare(const std::string& campaign, const char* what, double value) {
  if (value >= 0 && value <= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(campaign, ": ", what, " must be a share from 0 to 1, not ", value));
}

absl::Status CheckUplift(const std::string& campaign, const char* what, double uplift) {
  if (uplift >= -1 && uplift <= 100) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(campaign, ": ", what,
                   " must be a relative uplift from -1 to 100, 0.3 for 30 % more, not ", uplift));
}

// P(a purchase comes before `end` and before death), day by day.
double BuysInTime(const BuyingHabit& habit, double uplift, double death_rate,
                  const OperationalTime& season, double now, double end, double unit_days) {
  double there = 1, buys = 0;
  while (now < end) {
    const double next = std::min(std::floor(now) + 1, end);
    const double purchase =
        habit.rate * (1 + uplift) * season.MultiplierOn(static_cast<size_t>(now));
    const double either = (purchase + death_rate) * (next - now) / unit_days;
    if (either > 0) {
      buys += there * purchase / (purchase + death_rate) * -std::expm1(-either);
      there *= std::exp(-either);
    }
    now = next;
  }
  return buys;
}

}  // namespace

const char* NameOf(ResponseSegment segment) {
  switch (segment) {
    case ResponseSegment::kPersuadable:
      return "persuadable";
    case ResponseSegment::kSureThing:
      return "sure_thing";
    case ResponseSegment::kLostCause:
      return "lost_cause";
    case ResponseSegment::kSleepingDog:
      return "sleeping_dog";
    case ResponseSegment::kEverybodyElse:
      return "other";
  }
  return "other";
}

absl::Status CampaignEffect::Check() const {
  if (days.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": no contact falls into the record; give at=DATE within it, or every="));
  }
  if (window_days < 1) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": window must be 1 day or more"));
  }
  TENURE_RETURN_IF_ERROR(CheckShare(name, "share", share));
  TENURE_RETURN_IF_ERROR(CheckShare(name, "holdout", holdout));
  TENURE_RETURN_IF_ERROR(CheckShare(name, "pull_forward", pull_forward));
  TENURE_RETURN_IF_ERROR(CheckShare(name, "retention", retention));
  TENURE_RETURN_IF_ERROR(CheckUplift(name, "uplift", uplift));
  double taken = 0;
  for (size_t i = 0; i < kNamedSegments; ++i) {
    const char* const what = NameOf(static_cast<ResponseSegment>(i));
    TENURE_RETURN_IF_ERROR(CheckShare(name, what, segments[i].share));
    TENURE_RETURN_IF_ERROR(CheckUplift(name, what, segments[i].uplift));
    taken += segments[i].share;
  }
  if (taken <= 1 + 1e-9) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, ": the shares of the segments sum to ",
                                                 taken, "; they must leave at least 0"));
}

bool CampaignEffect::ranks() const {
  return segments[static_cast<size_t>(ResponseSegment::kSureThing)].share > 0 ||
         segments[static_cast<size_t>(ResponseSegment::kLostCause)].share > 0;
}

ResponseSegment CampaignEffect::SegmentOf(double rank, double chance) const {
  const auto share_of = [this](ResponseSegment segment) {
    return segments[static_cast<size_t>(segment)].share;
  };
  const double lost = share_of(ResponseSegment::kLostCause),
               sure = share_of(ResponseSegment::kSureThing);
  if (rank < lost) return ResponseSegment::kLostCause;
  if (rank >= 1 - sure) return ResponseSegment::kSureThing;
  const double at = chance * (1 - lost - sure);
  const double persuadable = share_of(ResponseSegment::kPersuadable);
  if (at < persuadable) return ResponseSegment::kPersuadable;
  return at < persuadable + share_of(ResponseSegment::kSleepingDog)
             ? ResponseSegment::kSleepingDog
             : ResponseSegment::kEverybodyElse;
}

double CampaignEffect::UpliftOf(ResponseSegment segment) const {
  return segment == ResponseSegment::kEverybodyElse ? uplift
                                                    : segments[static_cast<size_t>(segment)].uplift;
}

void CampaignEffect::Apply(int day, double uplift_of_customer,
                           std::vector<RateChange>* changes) const {
  const int over = day + window_days;
  if (uplift_of_customer != 0) changes->push_back({day, over, 1 + uplift_of_customer});
  const double missing = pull_forward * std::max(uplift_of_customer, 0.0);  // of a window's
  if (missing == 0) return;
  const int windows = static_cast<int>(std::ceil(missing));
  changes->push_back({over, over + windows * window_days, 1 - missing / windows});
}

ResponseChances ResponseOf(const CampaignEffect& effect, double uplift, const BuyingHabit& habit,
                           double silence, const OperationalTime& season, double now,
                           double unit_days) {
  const double end = now + effect.window_days;
  if (habit.departure == BuyingHabit::Departure::kByTheClock) {
    const double p0 = BuysInTime(habit, 0, habit.dropout, season, now, end, unit_days);
    const double kept = habit.dropout * (1 - effect.retention);
    return {p0, BuysInTime(habit, uplift, kept, season, now, end, unit_days) - p0};
  }
  const double length = (season.At(end) - season.At(now)) / unit_days;
  const double silent = habit.Silent(silence, length);
  return {1 - silent, silent - habit.Silent(silence, (1 + uplift) * length)};
}

}  // namespace tenure::clv
