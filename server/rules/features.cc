#include "server/rules/features.h"

#include <array>

namespace tenure::rules {
namespace {

constexpr std::array<FeatureInfo, kFeatureCount> kFeatures = {{
    {"now", DType::kTimestamp, "the asked time"},
    {"purchases", DType::kInt64, "purchases so far"},
    {"days_since_last_purchase", DType::kDouble, "days since the last purchase"},
    {"tenure_days", DType::kDouble, "days since the first purchase"},
    {"spend_mean", DType::kDouble, "mean revenue of a purchase"},
    {"revenue_total", DType::kDouble, "revenue so far, refunds taken off"},
    {"margin_total", DType::kDouble, "margin so far, refunds taken off"},
    {"purchases_30d", DType::kInt64, "purchases in the last 30 days"},
    {"purchases_90d", DType::kInt64, "purchases in the last 90 days"},
    {"purchases_365d", DType::kInt64, "purchases in the last 365 days"},
    {"revenue_365d", DType::kDouble, "revenue of the last 365 days"},
    {"refunds", DType::kInt64, "refunds so far"},
    {"engagements_30d", DType::kInt64, "opens, clicks and visits in the last 30 days"},
    {"last_category", DType::kString, "category of the last purchase"},
    {"days_known", DType::kDouble, "days since the first event of any kind"},
    {"contacts_7d", DType::kInt64, "contacts in the last 7 days"},
    {"contacts_30d", DType::kInt64, "contacts in the last 30 days"},
    {"days_since_last_contact", DType::kDouble, "days since the last contact"},
    {"population", DType::kString, "population whose value model counts, `rest` outside of all"},
    {"p_alive", DType::kDouble, "probability that the customer is still active"},
    {"clv", DType::kDouble, "expected discounted margin over the horizon without marketing"},
    {"clv_mean_low", DType::kDouble, "lower end of the 95 % interval of the mean"},
    {"clv_mean_high", DType::kDouble, "upper end of the 95 % interval of the mean"},
    {"clv_predictive_low", DType::kDouble, "lower end of the 95 % interval of the realised value"},
    {"clv_predictive_high", DType::kDouble, "upper end of the 95 % interval of the realised value"},
    {"v_alive", DType::kDouble, "clv if alive"},
    {"v_revived", DType::kDouble, "value if a dead customer came back now"},
    {"p_purchase_w", DType::kDouble, "probability of a purchase within the response window"},
    {"at_risk_w", DType::kDouble, "value that dropout within the response window would destroy"},
    {"margin_next", DType::kDouble, "expected margin of the next order"},
    {"spend_next", DType::kDouble, "expected revenue of the next order"},
    {"expected_purchases", DType::kDouble, "expected purchases over the horizon"},
    {"rhythm_limit_days", DType::kDouble, "silence that 95 % of this customer's gaps stay below"},
    {"stage", DType::kString, "lifecycle stage"},
    {"previous_stage", DType::kString, "lifecycle stage before this one"},
    {"stage_days", DType::kDouble, "days in this lifecycle stage"},
    {"tier", DType::kString, "value tier: high, medium or low"},
    {"rfm_recency", DType::kInt64, "recency quintile, 5 is most recent"},
    {"rfm_frequency", DType::kInt64, "frequency quintile, 5 is most frequent"},
    {"rfm_monetary", DType::kInt64, "monetary quintile, 5 is the highest spend"},
}};

}  // namespace

absl::Span<const FeatureInfo> Features() { return kFeatures; }

}  // namespace tenure::rules
