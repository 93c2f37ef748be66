#include "server/planning/drift.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/planning/expected_purchases.h"

namespace tenure::planning {
namespace {

constexpr size_t kBins = 10;
constexpr size_t kChunk = 1'024;

}  // namespace

std::vector<double> SharesOf(const Distribution& bins, absl::Span<const double> values) {
  std::vector<double> shares(bins.ends.size() + 1, 0.0);
  for (const double value : values) {
    const auto bin = std::lower_bound(bins.ends.begin(), bins.ends.end(), value);
    shares[static_cast<size_t>(bin - bins.ends.begin())] += 1;
  }
  for (double& share : shares) share /= static_cast<double>(std::max<size_t>(values.size(), 1));
  return shares;
}

Distribution DecilesOf(std::string quantity, std::vector<double> values) {
  Distribution result;
  result.quantity = std::move(quantity);
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  for (size_t k = 1; k < kBins; ++k) {
    const double end = values[(k * values.size() + kBins - 1) / kBins - 1];
    if (end == values.back()) break;  // nobody would be above it
    if (result.ends.empty() || end > result.ends.back()) result.ends.push_back(end);
  }
  result.shares = SharesOf(result, values);
  return result;
}

Watched Watched::Of(absl::Span<const uint32_t> population_of, uint32_t population) const {
  Watched theirs;
  for (size_t i = 0; i < population_of.size(); ++i) {
    if (population_of[i] != population) continue;
    theirs.clv.push_back(clv[i]);
    theirs.frequency.push_back(frequency[i]);
    theirs.recency_days.push_back(recency_days[i]);
  }
  return theirs;
}

Watched WatchedOf(const clv::ModelDocument& models, const rules::RuleSet& rules,
                  const customers::Population::Summary& summary) {
  const std::vector<clv::Observation>& all = summary.observations;
  Watched watched;
  watched.clv.resize(all.size());
  for (const clv::Observation& row : all) {
    watched.frequency.push_back(row.frequency);
    watched.recency_days.push_back(row.age_days - row.recency_days);
  }
  std::vector<clv::Observation> chunk;
  std::vector<clv::ValueFeatures> values;
  ByModel(models, rules, summary,
          [&](const clv::ValueModel& model, const std::vector<size_t>& rows) {
            for (size_t first = 0; first < rows.size(); first += kChunk) {
              const size_t count = std::min(kChunk, rows.size() - first);
              chunk.clear();
              for (size_t i = 0; i < count; ++i) chunk.push_back(all[rows[first + i]]);
              values.resize(count);
              model.Compute(chunk, absl::MakeSpan(values), clv::ValueModel::Detail::kValue);
              for (size_t i = 0; i < count; ++i) watched.clv[rows[first + i]] = values[i].clv;
            }
          });
  return watched;
}

double StabilityIndex(absl::Span<const double> expected, absl::Span<const double> actual,
                      int64_t customers_then, int64_t customers_now) {
  const double least_then = 0.5 / static_cast<double>(std::max<int64_t>(customers_then, 1));
  const double least_now = 0.5 / static_cast<double>(std::max<int64_t>(customers_now, 1));
  double index = 0;
  for (size_t i = 0; i < expected.size() && i < actual.size(); ++i) {
    const double e = std::max(expected[i], least_then), a = std::max(actual[i], least_now);
    index += (a - e) * std::log(a / e);
  }
  return index;
}

double IndexByChance(size_t bins, int64_t customers_then, int64_t customers_now) {
  if (bins == 0) return 0;
  return static_cast<double>(bins - 1) *
         (1 / static_cast<double>(std::max<int64_t>(customers_then, 1)) +
          1 / static_cast<double>(std::max<int64_t>(customers_now, 1)));
}

}  // namespace tenure::planning
