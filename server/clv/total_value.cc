#include "server/clv/total_value.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/clv/laplace.h"
#include "server/clv/realised_value.h"

namespace tenure::clv {
namespace {

constexpr int kMostDraws = 10'000;
constexpr double kNormal95 = 1.959963984540054;
constexpr size_t kSlower = 40;
constexpr double kSmallest = 1e-300;  // whose log is finite

// Rows of customers, and how many customers each stands for.
struct Sample {
  std::vector<Observation> rows;
  std::vector<double> weights;
};

uint64_t HashOf(const Observation& row) {
  uint64_t hash = 0;
  for (double part : {row.recency_days, row.age_days, row.mean_spend, row.kept}) {
    uint64_t bits = 0;
    std::memcpy(&bits, &part, sizeof bits);
    hash = CombineHash(hash, bits);
  }
  return hash;
}

// Every k-th in the order of frequency, those of one frequency as their contents' hash has it.
Sample SampleOf(absl::Span<const Observation> rows, absl::Span<const double> weights,
                size_t most_rows) {
  struct Key {
    double frequency;
    uint64_t hash;
    size_t row;
  };
  std::vector<Key> keys;
  keys.reserve(rows.size());
  const bool all = rows.size() <= most_rows;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (std::isnan(rows[i].age_days)) continue;
    keys.push_back({rows[i].frequency, all ? 0 : HashOf(rows[i]), i});
  }
  if (!all) {
    std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
      return a.frequency != b.frequency ? a.frequency < b.frequency : a.hash < b.hash;
    });
  }
  Sample sample;
  const size_t count = std::min(keys.size(), std::max<size_t>(most_rows, 1));
  for (size_t i = 0; i < count; ++i) {
    const size_t row = keys[(2 * i + 1) * keys.size() / (2 * count)].row;
    sample.rows.push_back(rows[row]);
    sample.weights.push_back(weights.empty() ? 1 : weights[row]);
  }
  return sample;
}

double SumOf(const ValueModel& model, const Sample& sample, std::vector<Score>* scores) {
  scores->resize(sample.rows.size());
  model.ScoreAll(sample.rows, absl::MakeSpan(*scores));
  double total = 0;
  for (size_t i = 0; i < scores->size(); ++i) {
    const double clv = (*scores)[i].clv;
    total += std::isnan(clv) ? 0 : sample.weights[i] * clv;
  }
  return total;
}

}  // namespace

absl::StatusOr<std::vector<std::shared_ptr<const ValueModel>>> DrawModels(const ValueModel& model,
                                                                          int draws,
                                                                          uint64_t seed) {
  if (draws < 2 || draws > kMostDraws) {
    return absl::InvalidArgumentError(
        absl::StrCat("draws must be 2 to ", kMostDraws, ", not ", draws));
  }
  const ValueParameters& fitted = model.parameters();
  TENURE_ASSIGN_OR_RETURN(const LaplaceSampler purchases,
                          LaplaceSampler::Create(fitted.purchase, fitted.purchase_log_cov));
  TENURE_ASSIGN_OR_RETURN(const LaplaceSampler spends,
                          LaplaceSampler::Create(fitted.spend, fitted.spend_log_cov));
  Random random(seed);
  std::vector<std::shared_ptr<const ValueModel>> models;
  for (int draw = 0; draw < draws; ++draw) {
    ValueParameters drawn;
    drawn.model = fitted.model;
    drawn.purchase = purchases.Draw(&random);
    drawn.spend = spends.Draw(&random);
    auto there = ValueModel::Create(std::move(drawn), model.options());
    if (there.ok()) models.push_back(*std::move(there));
  }
  return models;
}

std::vector<double> RelativeTotals(const ValueModel& model,
                                   absl::Span<const std::shared_ptr<const ValueModel>> drawn,
                                   absl::Span<const Observation> rows,
                                   absl::Span<const double> weights, size_t most_rows) {
  const Sample sample =
      SampleOf(rows, weights, model.purchase().FutureIsByAge() ? most_rows : most_rows / kSlower);
  std::vector<Score> scores;
  const double own = SumOf(model, sample, &scores);
  std::vector<double> relative;
  for (const auto& there : drawn) {
    relative.push_back(own != 0 ? SumOf(*there, sample, &scores) / own : 1);
  }
  return relative;
}

double LogDeviation(absl::Span<const double> values) {
  if (values.size() < 2) return 0;
  const auto size = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (double value : values) mean += std::log(std::max(value, kSmallest)) / size;
  for (double value : values) {
    const double away = std::log(std::max(value, kSmallest)) - mean;
    squares += away * away;
  }
  return std::sqrt(squares / (size - 1));
}

TotalValue WithIntervals(TotalValue total) {
  total.clv_mean_low = total.clv_mean_high = total.clv;
  total.clv_predictive_low = total.clv_predictive_high = total.clv;
  if (total.clv == 0) return total;
  const double size = std::abs(total.clv);
  const double spread = std::exp(kNormal95 * total.standard_error / size);
  total.clv_mean_low /= spread;
  total.clv_mean_high *= spread;
  const double variance = total.luck_variance + total.standard_error * total.standard_error;
  const RealisedValue realised = RealisedInterval(std::exp(total.log_nothing), size, variance);
  // The mean's interval is lognormal: where parameters are all but unknown it reaches beyond a
  // Gamma of the same variance. What comes is never surer than what is expected.
  const double low = std::min(realised.low, std::abs(total.clv_mean_low));
  const double high = std::max(realised.high, std::abs(total.clv_mean_high));
  total.clv_predictive_low = std::copysign(low, total.clv);
  total.clv_predictive_high = std::copysign(high, total.clv);
  if (total.clv < 0) {  // a margin below 0
    std::swap(total.clv_mean_low, total.clv_mean_high);
    std::swap(total.clv_predictive_low, total.clv_predictive_high);
  }
  return total;
}

TotalValue Scaled(const TotalValue& total, double factor) {
  TotalValue scaled = total;
  for (double* value :
       {&scaled.clv, &scaled.clv_mean_low, &scaled.clv_mean_high, &scaled.clv_predictive_low,
        &scaled.clv_predictive_high, &scaled.standard_error}) {
    *value *= factor;
  }
  scaled.luck_variance *= factor * factor;
  return scaled;
}

TotalValue Together(absl::Span<const TotalValue> independent, absl::Span<const TotalValue> alike) {
  TotalValue sum;
  const auto add = [&sum](const TotalValue& part) {
    sum.customers += part.customers;
    sum.clv += part.clv;
    sum.expected_purchases += part.expected_purchases;
    sum.luck_variance += part.luck_variance;
    sum.log_nothing += part.log_nothing;
  };
  double variance = 0, common = 0;
  for (const TotalValue& part : independent) {
    add(part);
    variance += part.standard_error * part.standard_error;
  }
  for (const TotalValue& part : alike) {
    add(part);
    common += part.standard_error;
  }
  sum.standard_error = std::sqrt(variance + common * common);
  return WithIntervals(sum);
}

absl::StatusOr<TotalValue> TotalOf(const ValueModel& model, absl::Span<const Observation> rows,
                                   const TotalOptions& options, absl::Span<const double> weights) {
  if (!weights.empty() && weights.size() != rows.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", rows.size(), " rows, but ", weights.size(), " weights"));
  }
  TENURE_ASSIGN_OR_RETURN(const auto drawn, DrawModels(model, options.draws, options.seed));
  TotalValue total;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    total.customers += weight;
    if (std::isnan(rows[i].age_days)) continue;
    const RealisedMoments moments = model.MomentsOf(rows[i]);
    total.clv += weight * moments.mean;
    total.expected_purchases += weight * moments.purchases;
    total.luck_variance += weight * moments.variance;
    total.log_nothing += weight * std::log(std::max(moments.nothing, kSmallest));
  }
  if (total.clv != 0) {
    total.standard_error =
        std::abs(total.clv) *
        LogDeviation(RelativeTotals(model, drawn, rows, weights, options.most_rows));
  }
  return WithIntervals(total);
}

}  // namespace tenure::clv
