#include "server/clv/value_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/alike_blocks.h"
#include "server/clv/alive_shares.h"
#include "server/clv/future_panels.h"
#include "server/clv/future_table.h"
#include "server/clv/model_kind.h"
#include "server/clv/realised_value.h"
#include "server/clv/renewals.h"
#include "server/clv/square_matrix.h"

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

// The covariance's lower Cholesky factor; empty without a covariance.
absl::StatusOr<SquareMatrix> Root(const std::vector<double>& covariance, size_t size,
                                  const char* what) {
  SquareMatrix lower;
  if (covariance.empty()) return lower;
  if (covariance.size() != size * size) {
    return absl::InvalidArgumentError(
        absl::StrCat("the covariance of ", what, " must have ", size * size, " entries"));
  }
  SquareMatrix matrix(size, covariance);
  for (size_t i = 0; i < size; ++i) {
    // A parameter taken as known has a row of zeros; that is a covariance too.
    if (matrix(i, i) == 0) matrix(i, i) = 1e-30;
  }
  if (!Cholesky(matrix, &lower)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the covariance of ", what, " is not positive definite"));
  }
  return lower;
}

ValueFeatures Nothing() {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  return {kNone, kNone, kNone, kNone, kNone, kNone, kNone,
          kNone, kNone, kNone, kNone, kNone, kNone, kNone};
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ValueModel>> ValueModel::Create(ValueParameters parameters,
                                                                     ValueOptions options) {
  TENURE_RETURN_IF_ERROR(CheckOptions(options));
  TENURE_ASSIGN_OR_RETURN(std::shared_ptr<const PurchaseModel> purchase,
                          CreatePurchaseModel(parameters.model, parameters.purchase));
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
  TENURE_ASSIGN_OR_RETURN(const SquareMatrix lower, Root(parameters.purchase_log_cov,
                                                         parameters.purchase.size(), "purchases"));
  TENURE_RETURN_IF_ERROR(Root(parameters.spend_log_cov, parameters.spend.size(), "spend").status());
  options.model = parameters.model;
  std::shared_ptr<ValueModel> model(
      new ValueModel(std::move(parameters), std::move(options), std::move(purchase)));
  const std::vector<double>& at = model->parameters_.purchase;
  for (size_t axis = 0; axis < lower.size(); ++axis) {
    std::vector<double> moved = at;
    for (size_t i = axis; i < at.size(); ++i) moved[i] *= std::exp(kNudge * lower(i, axis));
    TENURE_ASSIGN_OR_RETURN(auto nudged, CreatePurchaseModel(model->model(), moved));
    model->nudged_.push_back(std::move(nudged));
  }
  return model;
}

ValueModel::ValueModel(ValueParameters parameters, ValueOptions options,
                       std::shared_ptr<const PurchaseModel> purchase)
    : parameters_(std::move(parameters)),
      options_(std::move(options)),
      purchase_(std::move(purchase)),
      is_contract_(IsContract(parameters_.model)),
      spend_(parameters_.spend.empty()
                 ? GammaGamma()
                 : GammaGamma{parameters_.spend[0], parameters_.spend[1], parameters_.spend[2]}),
      horizon_(options_.horizon_days / options_.time_unit_days),
      window_(options_.response_window_days / options_.time_unit_days),
      discount_(std::log1p(options_.discount_per_year) * options_.time_unit_days / kDaysPerYear),
      panels_(std::make_unique<const FuturePanels>(window_, horizon_, discount_)) {}

ValueModel::~ValueModel() = default;

void ValueModel::Compute(absl::Span<const Observation> rows, absl::Span<ValueFeatures> out,
                         Detail detail) const {
  TENURE_CHECK(rows.size() == out.size());
  for (size_t i = 0; i < rows.size(); ++i) out[i] = One(rows[i], detail);
}

void ValueModel::ScoreAll(absl::Span<const Observation> rows, absl::Span<Score> out) const {
  TENURE_CHECK(rows.size() == out.size());
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::vector<History> histories(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Known known = Validate(rows[i]);
    histories[i] = known.history;
    out[i].spend_next = spend_.p > 0 ? spend_.ExpectedSpend(known.spend_x, known.mean_spend) : 1;
  }
  const FutureTable table(*purchase_, window_, horizon_, discount_, histories);
  AlikeBlocks blocks(histories);
  std::vector<Future> futures(AlikeBlocks::kMostRows);
  std::vector<double> alive(AlikeBlocks::kMostRows);
  while (blocks.Next()) {
    const absl::Span<const History> alike = blocks.histories();
    table.AtAll(alike, absl::MakeSpan(futures).first(alike.size()));
    PAliveOfAll(*purchase_, alike, absl::MakeSpan(alive).first(alike.size()));
    for (size_t j = 0; j < alike.size(); ++j) {
      const size_t i = blocks.rows()[j];
      Score& score = out[i];
      score.p_alive = alive[j];
      score.expected_purchases = alive[j] * futures[j].count;
      score.clv = alive[j] * futures[j].value * options_.margin_rate *
                  Kept(rows[i], alike[j].frequency) * score.spend_next;
      if (!std::isnan(rows[i].age_days)) continue;
      score.p_alive = score.expected_purchases = score.clv = kNone;
    }
  }
}

double ValueModel::LogStandardError(const Known& known, const TimeGrid& grid,
                                    double log_value) const {
  if (!std::isfinite(log_value)) return 0;  // nothing to come is certain: its interval is a point
  double variance = 0;
  for (const std::shared_ptr<const PurchaseModel>& nudged : nudged_) {
    const double z = nudged->LogOddsDead(known.history);
    const double log_alive = z > 700 ? -z : -std::log1p(std::exp(z));
    const double log_there = log_alive + std::log(nudged->ValueIfAlive(known.history, grid));
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

ValueModel::Known ValueModel::Validate(const Observation& row) const {
  const double unit = options_.time_unit_days;
  Known known{};
  History& history = known.history;
  history.frequency = row.frequency > 0 ? std::floor(std::min(row.frequency, kMostPurchases)) : 0;
  history.age = row.age_days > 0 ? row.age_days / unit : 0;
  if (history.frequency > 0 && row.recency_days > 0) {
    history.recency = std::min(row.recency_days / unit, history.age);
  }
  if (history.frequency > 0 && IsSpend(row.mean_spend)) {
    known.spend_x = history.frequency;
    known.mean_spend = row.mean_spend;
  }
  if (is_contract_) history = RenewalsOf(history);
  return known;
}

NextOrder ValueModel::NextOrderOf(const Observation& row, const KnownOrders& orders) const {
  const bool has_spend = spend_.p > 0;
  const double pooled_spend = has_spend ? spend_.ExpectedSpend(0, 0) : 1;
  const bool bought = !std::isnan(row.age_days);
  const Known known = bought ? Validate(row) : Known{};
  double count = known.spend_x;
  double mean = known.mean_spend;
  if (bought && IsSpend(orders.first_spend)) {
    mean = (mean * count + orders.first_spend) / (count + 1);
    ++count;
  }
  // Where no margin counts, the values are revenue.
  double rate = options_.margin_rate;
  if (rate != 1 && !std::isnan(orders.category_rate)) rate = orders.category_rate;
  if (options_.margin_rate != 1 && orders.revenue > 0) {
    const double weight = kPooledOrders * pooled_spend;
    rate = (orders.margin + weight * rate) / (orders.revenue + weight);
  }
  NextOrder next;
  next.spend = has_spend ? spend_.ExpectedSpend(count, mean) : 1;
  next.margin =
      rate * (bought ? Kept(row, known.history.frequency) : options_.kept_share) * next.spend;
  return next;
}

double ValueModel::DaysUntilPAlive(const Observation& row, double bound) const {
  if (std::isnan(row.age_days)) return std::numeric_limits<double>::infinity();
  // Rounded towards gone: P(alive) itself is only known to its last digits.
  const double slack = 8 * std::numeric_limits<double>::epsilon() / (bound * (1 - bound));
  const double log_odds = std::log1p(-bound) - std::log(bound) - slack;
  return purchase_->SilenceUntil(Validate(row).history, log_odds) * options_.time_unit_days;
}

RealisedMoments ValueModel::Moments(const Known& known, double p_alive, const Outlook& outlook,
                                    double margin_rate) const {
  const SpendMoments spend =
      spend_.p > 0 ? SpendMoments::Of(spend_, known.spend_x, known.mean_spend) : SpendMoments();
  RealisedMoments moments;
  moments.purchases = p_alive * outlook.count;
  moments.mean = margin_rate * p_alive * outlook.value * spend.mean;
  const double square = margin_rate * margin_rate * p_alive *
                        (outlook.squares * spend.square + outlook.pairs * spend.product);
  moments.variance = std::max(square - moments.mean * moments.mean, 0.0);
  moments.nothing = 1 + p_alive * std::expm1(outlook.log_quiet_horizon);
  return moments;
}

RealisedMoments ValueModel::MomentsOf(const Observation& row) const {
  const Known known = Validate(row);
  const Outlook outlook = purchase_->OutlookIfAlive(
      known.history, purchase_->Grid(known.history, window_, horizon_, discount_));
  return Moments(known, purchase_->PAlive(known.history), outlook,
                 options_.margin_rate * Kept(row, known.history.frequency));
}

ValueFeatures ValueModel::One(const Observation& row, Detail detail) const {
  const bool has_spend = spend_.p > 0;
  ValueFeatures features = Nothing();
  if (std::isnan(row.age_days)) {
    features.spend_next = has_spend ? spend_.ExpectedSpend(0, 0) : 1;
    features.margin_next = options_.margin_rate * options_.kept_share * features.spend_next;
    return features;
  }
  const Known known = Validate(row);
  const double margin_rate = options_.margin_rate * Kept(row, known.history.frequency);
  features.p_alive = purchase_->PAlive(known.history);
  features.spend_next = has_spend ? spend_.ExpectedSpend(known.spend_x, known.mean_spend) : 1;
  features.margin_next = margin_rate * features.spend_next;
  features.rhythm_limit_days =
      std::min(purchase_->RhythmLimit(known.history) * options_.time_unit_days, kLongestRhythmDays);
  if (detail == Detail::kValue) {
    features.v_alive = features.margin_next * panels_->ValueIfAlive(*purchase_, known.history);
    features.clv = features.p_alive * features.v_alive;
    return features;
  }
  FillAll(known, purchase_->Grid(known.history, window_, horizon_, discount_), margin_rate,
          &features);
  return features;
}

void ValueModel::FillAll(const Known& known, const TimeGrid& grid, double margin_rate,
                         ValueFeatures* features) const {
  const double p_alive = features->p_alive;
  const double margin = features->margin_next;
  const Outlook outlook = purchase_->OutlookIfAlive(known.history, grid);
  features->v_alive = margin * outlook.value;
  features->clv = p_alive * features->v_alive;
  features->v_revived = margin * purchase_->ValueIfRevived(known.history, grid);
  features->p_purchase_w = -p_alive * std::expm1(outlook.log_quiet_window);
  features->at_risk_w = p_alive * margin * outlook.at_risk;
  features->expected_purchases = p_alive * outlook.count;
  const double z = purchase_->LogOddsDead(known.history);
  const double log_alive = z > 700 ? -z : -std::log1p(std::exp(z));
  const double spread =
      kNormal95 * LogStandardError(known, grid, log_alive + std::log(outlook.value));
  features->clv_mean_low = features->clv * std::exp(-spread);
  features->clv_mean_high = features->clv * std::exp(std::min(spread, 700.0));
  // Of revenue: the square of a small margin underflows.
  const RealisedMoments moments = Moments(known, p_alive, outlook, 1);
  const RealisedValue realised = RealisedInterval(moments.nothing, moments.mean, moments.variance);
  features->clv_predictive_low = margin_rate * realised.low;
  features->clv_predictive_high = margin_rate * realised.high;
  if (options_.margin_rate < 0) {
    std::swap(features->clv_mean_low, features->clv_mean_high);
    std::swap(features->clv_predictive_low, features->clv_predictive_high);
  }
}

}  // namespace tenure::clv
