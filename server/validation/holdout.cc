#include "server/validation/holdout.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/base/status.h"
#include "server/validation/correlation.h"
#include "server/validation/lift_curve.h"

namespace tenure::validation {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kBins = 8;  // 0, 1, … 6, 7+
constexpr int kLiftSteps = 100;

absl::Status Check(absl::Span<const HoldoutRow> rows) {
  if (rows.empty()) {
    return absl::InvalidArgumentError("there is no customer to validate the model on");
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const HoldoutRow& row = rows[i];
    const auto refuse = [&](const char* what) {
      return absl::InvalidArgumentError(absl::StrCat("row ", i, ": ", what));
    };
    for (double value : {row.frequency, row.expected_purchases, row.actual_purchases,
                         row.expected_value, row.actual_value, row.weight}) {
      if (!std::isfinite(value)) return refuse("a figure is not a finite number");
    }
    if (row.frequency < 0) return refuse("the frequency is below 0");
    if (row.expected_purchases < 0) return refuse("the expected purchases are below 0");
    if (row.actual_purchases < 0) return refuse("the actual purchases are below 0");
    if (row.weight <= 0) return refuse("the weight must be above 0");
  }
  return absl::OkStatus();
}

struct Errors {
  double weight = 0, sum = 0, absolute = 0, squares = 0;
  void Add(double error, double times) {
    weight += times;
    sum += times * error;
    absolute += times * std::abs(error);
    squares += times * error * error;
  }
  // Of the sum, had the customers been drawn anew.
  double StandardErrorOfSum() const {
    return std::sqrt(std::max(0.0, squares - sum * sum / weight));
  }
};

// The share of the actual total at 0 %, 1 %, … of the order.
std::vector<double> LiftOf(const LiftCurve& curve) {
  std::vector<double> lift;
  for (int i = 0; i <= kLiftSteps; ++i) {
    lift.push_back(curve.ActualShare(static_cast<double>(i) / kLiftSteps));
  }
  return lift;
}

// Curves are read one after the other, since those of millions are large.
Agreement Compare(std::vector<Ranked> customers) {
  Agreement result;
  Errors errors;
  for (const Ranked& customer : customers) {
    result.expected += customer.weight * customer.prediction;
    result.actual += customer.weight * customer.actual;
    errors.Add(customer.prediction - customer.actual, customer.weight);
  }
  const bool positive = result.actual > 0;
  result.bias = positive ? errors.sum / result.actual : kNone;
  result.bias_standard_error = positive ? errors.StandardErrorOfSum() / result.actual : kNone;
  result.mean_absolute_error = errors.absolute / errors.weight;
  result.root_mean_square_error = std::sqrt(errors.squares / errors.weight);
  result.spearman = SpearmanCorrelation(customers);
  result.pearson = PearsonCorrelation(customers);
  double gini = 0;
  {
    const LiftCurve curve(customers);
    gini = curve.ActualGini();
    result.predicted_gini = curve.PredictedGini();
    result.top_tenth = curve.ActualShare(0.1);
    result.top_fifth = curve.ActualShare(0.2);
    for (const LiftCurve::Piece& piece : curve.Split(10)) {
      const double actual = piece.actual / piece.customers;
      const double variance =
          std::max(0.0, piece.actual_squares / piece.customers - actual * actual);
      result.deciles.push_back({piece.customers, piece.predicted / piece.customers, actual,
                                std::sqrt(variance / piece.customers)});
    }
    if (positive) result.lift = LiftOf(curve);
  }
  for (Ranked& customer : customers) customer.prediction = customer.actual;
  const LiftCurve best(std::move(customers));
  result.actual_gini = best.ActualGini();
  result.gini_gain = NormalisedGini(gini, result.actual_gini);
  result.best_top_tenth = best.ActualShare(0.1);
  result.best_top_fifth = best.ActualShare(0.2);
  if (positive) result.best_lift = LiftOf(best);
  return result;
}

std::vector<FrequencyBin> Bins(absl::Span<const HoldoutRow> rows) {
  std::vector<FrequencyBin> bins(kBins);
  std::vector<Errors> errors(kBins);
  for (const HoldoutRow& row : rows) {
    const size_t i = static_cast<size_t>(std::min(row.frequency, kBins - 1.0));
    bins[i].expected += row.weight * row.expected_purchases;
    bins[i].actual += row.weight * row.actual_purchases;
    errors[i].Add(row.expected_purchases - row.actual_purchases, row.weight);
  }
  for (size_t i = 0; i < kBins; ++i) {
    bins[i].label = absl::StrCat(i, i + 1 == kBins ? "+" : "");
    bins[i].customers = errors[i].weight;
    bins[i].expected /= errors[i].weight;  // NaN where nobody is
    bins[i].actual /= errors[i].weight;
    bins[i].standard_error =
        errors[i].weight > 0 ? errors[i].StandardErrorOfSum() / errors[i].weight : kNone;
  }
  return bins;
}

}  // namespace

absl::StatusOr<Validation> Validate(std::vector<HoldoutRow> rows, bool has_value,
                                    double holdout_days) {
  TENURE_RETURN_IF_ERROR(Check(rows));
  const auto key = [](const HoldoutRow& row) {
    return std::tie(row.frequency, row.expected_purchases, row.actual_purchases, row.expected_value,
                    row.actual_value, row.weight);
  };
  std::sort(rows.begin(), rows.end(),
            [&](const HoldoutRow& l, const HoldoutRow& r) { return key(l) < key(r); });
  Validation result;
  result.holdout_days = holdout_days;
  result.has_value = has_value;
  std::vector<Ranked> purchases, values;
  purchases.reserve(rows.size());
  if (has_value) values.reserve(rows.size());
  for (const HoldoutRow& row : rows) {
    result.customers += row.weight;
    purchases.push_back({row.expected_purchases, row.actual_purchases, row.weight});
    if (has_value) values.push_back({row.expected_value, row.actual_value, row.weight});
  }
  result.bins = Bins(rows);
  std::vector<HoldoutRow>().swap(rows);
  result.purchases = Compare(std::move(purchases));
  if (has_value) result.value = Compare(std::move(values));
  return result;
}

}  // namespace tenure::validation
