// What an offer takes of a budget: by what it is planned, priced and held.
#ifndef TENURE_SERVER_DECISION_CHARGE_H_
#define TENURE_SERVER_DECISION_CHARGE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "server/journal/candidate.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

inline const rules::Offer& OfferOf(const rules::Campaign& campaign,
                                   const journal::CandidateRecord& candidate) {
  return campaign.offers[static_cast<size_t>(candidate.offer)];
}

inline bool HoldsAtRedemption(const rules::Campaign& campaign,
                              const journal::CandidateRecord& candidate) {
  return OfferOf(campaign, candidate).reserve == rules::Reserve::kAtRedemption;
}

// What plan and price count: the most it can cost, or, where it is held at redemption only, what it
// is expected to cost.
inline int64_t ChargeMicros(const rules::Campaign& campaign,
                            const journal::CandidateRecord& candidate) {
  if (!HoldsAtRedemption(campaign, candidate)) return candidate.liability_micros;
  return std::min(candidate.liability_micros,
                  static_cast<int64_t>(std::ceil(candidate.expected_cost * 1e6)));
}

// What a decision holds where all of it is left.
inline int64_t HeldMicros(const rules::Campaign& campaign,
                          const journal::CandidateRecord& candidate) {
  if (!HoldsAtRedemption(campaign, candidate)) return candidate.liability_micros;
  return std::min(candidate.liability_micros, OfferOf(campaign, candidate).contact_cost_micros);
}

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_CHARGE_H_
