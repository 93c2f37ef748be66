#include "server/clv/value_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/newton.h"
#include "server/clv/realised_value.h"

namespace tenure::clv {
namespace {

constexpr double kDaysPerYear = 365.25;
constexpr double kNormal95 = 1.959963984540054;
constexpr double kLongestRhythmDays = 1e6;
constexpr double kPooledOrders = 2;  // the pooled kept share weighs as many of one's own
constexpr double kMostPurchases = 1e9;
constexpr double kNudge = 0.01;  // standard errors along an axis, for one-sided differences

absl::Status CheckOptions(const ValueOptions& options) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (!positive(options.time_unit_days)) {
    return absl::InvalidArgumentError("time_unit_days must be above 0");
  }
  if (!positive(options.horizon_days)) {
    return absl::InvalidArgumentError("horizon_days must be above 0");
  }
  if (!positive(options.response_window_days)) {
    return absl::InvalidArgumentError("response_window_days must be above 0");
  }
  if (!std::isfinite(options.discount_per_year) || options.discount_per_year < 0) {
    return absl::InvalidArgumentError("discount_per_year must be 0 or more");
  }
  if (!std::isfinite(options.margin_rate)) {
    return absl::InvalidArgumentError("margin_rate must be a number");
  }
  if (!(options.kept_share >= 0 && options.kept_share <= 1)) {
    return absl::InvalidArgumentError("kept_share must be 0 to 1");
  }
  return absl::OkStatus();
}

// The covariance's lower Cholesky factor, if there is a covariance.
absl::StatusOr<bool> Root(const std::vector<double>& covariance, size_t size, const char* what,
                          Matrix* lower) {
  if (covariance.empty()) return false;
  Matrix matrix{};
  if (covariance.size() != size * size) {
    return absl::InvalidArgumentError(
        absl::StrCat("the covariance of ", what, " must have ", size * size, " entries"));
  }
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) matrix[i][j] = covariance[i * size + j];
    // A parameter taken as known has a row of zeros; that is a covariance too.
    if (matrix[i][i] == 0) matrix[i][i] = 1e-30;
  }
  if (!Cholesky(matrix, static_cast<int>(size), lower)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the covariance of ", what, " is not positive definite"));
  }
  return true;
}

ValueFeatures Prospect(double spend, double margin) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  ValueFeatures features{kNone, kNone, kNone, kNone, kNone, kNone, kNone,
                         kNone, kNone, kNone, kNone, kNone, kNone, kNone};
  features.spend_next = spend;
  features.margin_next = margin;
  return features;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ValueModel>> ValueModel::Create(ValueParameters parameters,
                                                                     ValueOptions options) {
  TENURE_RETURN_IF_ERROR(CheckOptions(options));
  TENURE_ASSIGN_OR_RETURN(const PurchaseKind kind, ParsePurchaseKind(parameters.model));
  TENURE_ASSIGN_OR_RETURN(const PurchaseModel purchase,
                          PurchaseModel::Create(kind, parameters.purchase));
  if (!parameters.spend.empty()) {
    if (parameters.spend.size() != 3) {
      return absl::InvalidArgumentError("the spend model has 3 parameters: p, q, v");
    }
    for (double parameter : parameters.spend) {
      if (!std::isfinite(parameter) || parameter <= 0) {
        return absl::InvalidArgumentError("p, q and v must be above 0 and finite");
      }
    }
    if (parameters.spend[1] <= 1) {
      return absl::InvalidArgumentError(
          "q must be above 1: with q <= 1 the population's mean spend doesn't exist");
    }
  }
  Matrix lower{};
  TENURE_ASSIGN_OR_RETURN(
      const bool uncertain,
      Root(parameters.purchase_log_cov, parameters.purchase.size(), "purchases", &lower));
  Matrix spend_lower{};
  TENURE_RETURN_IF_ERROR(
      Root(parameters.spend_log_cov, parameters.spend.size(), "spend", &spend_lower).status());
  options.model = parameters.model;
  std::shared_ptr<ValueModel> model(
      new ValueModel(std::move(parameters), std::move(options), purchase));
  if (uncertain) {
    const std::vector<double>& at = model->parameters_.purchase;
    for (size_t axis = 0; axis < at.size(); ++axis) {
      std::vector<double> moved = at;
      for (size_t i = axis; i < at.size(); ++i) moved[i] *= std::exp(kNudge * lower[i][axis]);
      TENURE_ASSIGN_OR_RETURN(const PurchaseModel nudged, PurchaseModel::Create(kind, moved));
      model->nudged_.push_back(nudged);
    }
  }
  return model;
}

ValueModel::ValueModel(ValueParameters parameters, ValueOptions options,
                       const PurchaseModel& purchase)
    : parameters_(std::move(parameters)),
      options_(std::move(options)),
      purchase_(purchase),
      spend_(parameters_.spend.empty()
                 ? GammaGamma()
                 : GammaGamma{parameters_.spend[0], parameters_.spend[1], parameters_.spend[2]}),
      horizon_(options_.horizon_days / options_.time_unit_days),
      window_(options_.response_window_days / options_.time_unit_days),
      discount_(std::log1p(options_.discount_per_year) * options_.time_unit_days / kDaysPerYear) {}

void ValueModel::Compute(absl::Span<const Observation> rows, absl::Span<ValueFeatures> out) const {
  TENURE_CHECK(rows.size() == out.size());
  for (size_t i = 0; i < rows.size(); ++i) out[i] = One(rows[i]);
}

double ValueModel::LogStandardError(const Known& known, const TimeGrid& grid,
                                    double log_value) const {
  double variance = 0;
  for (const PurchaseModel& nudged : nudged_) {
    const double z = nudged.LogOddsDead(known.x, known.recency, known.age);
    const double log_alive = z > 700 ? -z : -std::log1p(std::exp(z));
    const double log_there = log_alive + std::log(nudged.Alive(known.x, known.age).ValueOver(grid));
    const double slope = (log_there - log_value) / kNudge;
    variance += slope * slope;
  }
  if (!parameters_.spend_log_cov.empty()) {
    const double weight = spend_.p * known.spend_x + spend_.q - 1;
    const double slope[3] = {1 - spend_.p * known.spend_x / weight, -spend_.q / weight,
                             spend_.v / (spend_.v + known.spend_x * known.mean_spend)};
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) {
        variance += slope[i] * slope[j] * parameters_.spend_log_cov[i * 3 + j];
      }
    }
  }
  return std::sqrt(std::max(variance, 0.0));
}

double ValueModel::Kept(const Observation& row, double x) const {
  if (std::isnan(row.kept)) return options_.kept_share;
  const double own = std::clamp(row.kept, 0.0, 1.0);
  return ((x + 1) * own + kPooledOrders * options_.kept_share) / (x + 1 + kPooledOrders);
}

ValueFeatures ValueModel::One(const Observation& row) const {
  const bool has_spend = spend_.p > 0;
  if (std::isnan(row.age_days)) {
    const double spend = has_spend ? spend_.ExpectedSpend(0, 0) : 1;
    return Prospect(spend, options_.margin_rate * options_.kept_share * spend);
  }
  const double unit = options_.time_unit_days;
  const double x = row.frequency > 0 ? std::floor(std::min(row.frequency, kMostPurchases)) : 0;
  const double age = row.age_days > 0 ? row.age_days / unit : 0;
  const double recency = x > 0 && row.recency_days > 0 ? std::min(row.recency_days / unit, age) : 0;
  const bool spend_known = x > 0 && IsSpend(row.mean_spend);
  const double spend_x = spend_known ? x : 0;
  const double mean_spend = spend_known ? row.mean_spend : 0;

  const double z = purchase_.LogOddsDead(x, recency, age);
  const double p_alive = 1 / (1 + std::exp(z));
  const AliveProcess alive = purchase_.Alive(x, age);
  const TimeGrid grid = TimeGrid::Over(window_, horizon_, discount_, alive.rate);
  const Outlook outlook = alive.OutlookOver(grid);
  const AliveProcess revived = purchase_.Revived(x, recency, age);
  const double spend = has_spend ? spend_.ExpectedSpend(spend_x, mean_spend) : 1;
  const double margin_rate = options_.margin_rate * Kept(row, x);
  const double margin = margin_rate * spend;

  ValueFeatures features;
  features.p_alive = p_alive;
  features.spend_next = spend;
  features.margin_next = margin;
  features.v_alive = margin * outlook.value;
  features.clv = p_alive * features.v_alive;
  features.v_revived =
      purchase_.Chances(x) > 0
          ? margin * revived.ValueOver(TimeGrid::Over(window_, horizon_, discount_, revived.rate))
          : features.v_alive;
  features.p_purchase_w = -p_alive * std::expm1(alive.LogNoPurchase(window_));
  features.at_risk_w = p_alive * margin * outlook.at_risk;
  features.expected_purchases = p_alive * outlook.count;
  const double quiet = std::expm1(std::log(20.0) / (purchase_.r + x));
  features.rhythm_limit_days =
      std::min((purchase_.alpha + recency) * quiet * unit, kLongestRhythmDays);

  const double log_alive = z > 700 ? -z : -std::log1p(std::exp(z));
  const double spread = kNormal95 * LogStandardError({x, recency, age, spend_x, mean_spend}, grid,
                                                     log_alive + std::log(outlook.value));
  features.clv_mean_low = features.clv * std::exp(-spread);
  features.clv_mean_high = features.clv * std::exp(std::min(spread, 700.0));
  const RealisedValue realised =
      RealisedInterval(p_alive, alive.LogNoPurchase(horizon_), outlook,
                       has_spend ? SpendMoments::Of(spend_, spend_x, mean_spend) : SpendMoments());
  features.clv_predictive_low = margin_rate * realised.low;
  features.clv_predictive_high = margin_rate * realised.high;
  if (options_.margin_rate < 0) {
    std::swap(features.clv_mean_low, features.clv_mean_high);
    std::swap(features.clv_predictive_low, features.clv_predictive_high);
  }
  return features;
}

}  // namespace tenure::clv
