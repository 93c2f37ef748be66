// The built-in features: what every rule may read and every policy may ask for. Filled by
// customers/ at the asked time; a value that a customer has not is missing, never a default.
#ifndef TENURE_SERVER_RULES_FEATURES_H_
#define TENURE_SERVER_RULES_FEATURES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/batch/schema.h"

namespace tenure::rules {

// Position of each built-in feature in every rule set's schema.
enum Feature : int {
  // Plain facts.
  kNow,                    // the asked time
  kPurchases,              // purchases so far, refunded ones counted
  kDaysSinceLastPurchase,  // missing before the first purchase; so the next two
  kTenureDays,             // since the first purchase
  kSpendMean,              // revenue a purchase
  kRevenueTotal,           // refunds taken off; 0 before the first purchase, so the next
  kMarginTotal,            // missing where a margin is unknown, and the rate of margins too
  kPurchases30d,
  kPurchases90d,
  kPurchases365d,
  kRevenue365d,
  kRefunds,
  kEngagements30d,  // opens, clicks, visits
  kLastCategory,    // of the last purchase; missing when it had none
  kDaysKnown,       // since the first event of any kind
  // Contacts.
  kContacts7d,
  kContacts30d,
  kDaysSinceLastContact,  // missing before the first
  kPopulation,            // of the rule set's `value`; missing where it lists none
  // The value model, VALUE; missing before the first purchase or without a model.
  kPAlive,
  kClv,
  kClvMeanLow,
  kClvMeanHigh,
  kClvPredictiveLow,
  kClvPredictiveHigh,
  kVAlive,
  kVRevived,
  kPPurchaseW,
  kAtRiskW,
  kMarginNext,
  kSpendNext,
  kExpectedPurchases,
  kRhythmLimitDays,
  // Standing.
  kStage,          // lifecycle stage; missing while stages are being evaluated for the first time
  kPreviousStage,  // missing before the first change
  kStageDays,
  kTier,        // "high", "medium", "low"; missing without a model
  kRfmRecency,  // 1 (worst) to 5 (best) by journaled quintiles
  kRfmFrequency,
  kRfmMonetary,
  kFeatureCount
};

struct FeatureInfo {
  absl::string_view name;  // as rules write it: "days_since_last_purchase"
  DType dtype;
  absl::string_view meaning;
};

// By Feature; kFeatureCount entries.
absl::Span<const FeatureInfo> Features();

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_FEATURES_H_
