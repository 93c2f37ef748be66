// What a campaign truly does to customers in a simulation: who is contacted, and how their
// purchases and departures change. VALUE: τ = P(buys in the window | contacted) − p0.
#ifndef TENURE_SERVER_CLV_CAMPAIGN_EFFECT_H_
#define TENURE_SERVER_CLV_CAMPAIGN_EFFECT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/clv/buying_habit.h"
#include "server/clv/operational_time.h"

namespace tenure::clv {

enum class ResponseSegment : uint8_t {
  kPersuadable,
  kSureThing,
  kLostCause,
  kSleepingDog,
  kEverybodyElse
};
inline constexpr size_t kNamedSegments = 4;
// "persuadable", …; "other".
const char* NameOf(ResponseSegment segment);

// Times are whole days of the record, the first is 0; a contact is made as its day begins.
struct CampaignEffect {
  struct Group {
    double share = 0;   // of the customers
    double uplift = 0;  // relative, of the purchase rate within the window; −1 or more
  };

  std::string name = "campaign";
  std::vector<int> days;    // ascending
  double share = 1;         // of those not held out, contacted each time, at random
  double holdout = 0;       // share of the customers that is never contacted
  int window_days = 14;     // how long a contact works
  double uplift = 0;        // of whom no segment takes
  double pull_forward = 0;  // share of the extra purchases that is missing after the window
  double retention = 0;     // share of the departures within the window that do not happen
  std::array<Group, kNamedSegments> segments = {};  // in the order of ResponseSegment

  // INVALID_ARGUMENT naming the member and what it may be.
  absl::Status Check() const;
  // Whether SegmentOf needs the rank.
  bool ranks() const;
  // Of a customer at the given rank of the purchase rate among all (0 to 1): the slowest are the
  // lost causes, the fastest the sure things; between them chance (uniform) parts persuadables,
  // sleeping dogs and everybody else.
  ResponseSegment SegmentOf(double rank, double chance) const;
  double UpliftOf(ResponseSegment segment) const;
  // A contact on `day`: adds the changes of the rate, by 1 + uplift within the window, and by what
  // takes the pulled forward off the days after it, evenly: as many days as the window has, or a
  // multiple of it where they would not suffice.
  void Apply(int day, double uplift_of_customer, std::vector<RateChange>* changes) const;
};

struct ResponseChances {
  double p0 = 0;   // P(a purchase in the window) if not contacted
  double tau = 0;  // what a contact adds
};
// Of a living customer at the day `now`, the last purchase `silence` units ago in operational time.
// `season` covers the window; a unit has `unit_days`.
ResponseChances ResponseOf(const CampaignEffect& effect, double uplift, const BuyingHabit& habit,
                           double silence, const OperationalTime& season, double now,
                           double unit_days);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_CAMPAIGN_EFFECT_H_
