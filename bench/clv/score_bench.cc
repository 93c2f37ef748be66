// Scores of very many customers, against one logarithm and one exponential a row: what P(alive)
// alone must cost; and what else is asked of each of them, against their scores. Customers are
// simulated, all of different ages: seed 1.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "server/clv/future_curves.h"
#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"
#include "server/clv/stream_value.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

constexpr int64_t kRows = 200'000;

std::vector<Observation> Rows(const std::shared_ptr<const PurchaseModel>& model) {
  const Simulator simulator(model, {6.25, 3.74, 15.44}, 1);
  std::vector<Observation> rows;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < kRows; ++i) {
    const double age = 39 - 12 * simulator.UniformOf(i, 1);
    simulator.Draw(i, age, &customer);
    const auto x = static_cast<double>(customer.times.size() - 1);
    rows.push_back({x, customer.times.back() * 7, age * 7, x > 0 ? customer.mean_spend : NAN});
  }
  return rows;
}

double SecondsOfPlainRows(const std::vector<Observation>& rows) {
  const auto start = std::chrono::steady_clock::now();
  double sum = 0;
  for (const Observation& row : rows) sum += std::exp(-std::log(1 + row.age_days));
  benchmark::DoNotOptimize(sum);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / kRows;
}

void BM_Score(benchmark::State& state, const std::string& name,
              const std::vector<double>& parameters) {
  ValueParameters value;
  value.model = name;
  value.purchase = parameters;
  value.spend = {6.25, 3.74, 15.44};
  const auto model = *ValueModel::Create(value, {});
  const std::vector<Observation> rows = Rows(*CreatePurchaseModel(name, parameters));
  std::vector<Score> scores(rows.size());
  const double plain = SecondsOfPlainRows(rows);
  for (auto _ : state) {
    model->ScoreAll(rows, absl::MakeSpan(scores));
    benchmark::DoNotOptimize(scores.data());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
  state.counters["plain"] = plain;
}
enum Asked { kHoldout, kChurn, kStream };

// The holdout's expected purchases, or P(alive) a half year on, or the discounted cash flow of
// twelve steps with both intervals; all that is remembered between rows is made anew.
void BM_Asked(benchmark::State& state, const std::string& name,
              const std::vector<double>& parameters, Asked asked) {
  ValueParameters value;
  value.model = name;
  value.purchase = parameters;
  const size_t size = parameters.size();
  value.purchase_log_cov.assign(size * size, 0);
  for (size_t i = 0; i < size; ++i) value.purchase_log_cov[i * size + i] = 0.01;
  value.spend = {6.25, 3.74, 15.44};
  const auto model = *ValueModel::Create(value, {});
  const std::vector<Observation> rows = Rows(*CreatePurchaseModel(name, parameters));
  for (auto _ : state) {
    if (asked == kStream) {
      const StreamValuer valuer = *StreamValuer::Create(*model, {4.345, 12, 0.01}, 1);
      for (const Observation& row : rows) benchmark::DoNotOptimize(valuer.Of(row));
      continue;
    }
    const FutureCurves curves(model->purchase());
    for (const Observation& row : rows) {
      const History history{row.frequency, row.recency_days / 7, row.age_days / 7};
      benchmark::DoNotOptimize(asked == kHoldout ? curves.ExpectedPurchases(history, 26)
                                                 : curves.PAliveAfter(history, 26));
    }
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK_CAPTURE(BM_Asked, holdout_mbg_nbd, "mbg_nbd", {.5248, 6.1831, .8914, 1.614}, kHoldout);
BENCHMARK_CAPTURE(BM_Asked, churn_mbg_nbd, "mbg_nbd", {.5248, 6.1831, .8914, 1.614}, kChurn);
BENCHMARK_CAPTURE(BM_Asked, stream_mbg_nbd, "mbg_nbd", {.5248, 6.1831, .8914, 1.614}, kStream);
BENCHMARK_CAPTURE(BM_Asked, holdout_bg_nbd, "bg_nbd", {.2426, 4.4136, .7929, 2.4259}, kHoldout);
BENCHMARK_CAPTURE(BM_Asked, churn_bg_nbd, "bg_nbd", {.2426, 4.4136, .7929, 2.4259}, kChurn);
BENCHMARK_CAPTURE(BM_Asked, stream_bg_nbd, "bg_nbd", {.2426, 4.4136, .7929, 2.4259}, kStream);

BENCHMARK_CAPTURE(BM_Score, bg_nbd, "bg_nbd", {.2426, 4.4136, .7929, 2.4259});
BENCHMARK_CAPTURE(BM_Score, pareto_nbd, "pareto_nbd", {.5533, 10.578, .606, 11.664});
BENCHMARK_CAPTURE(BM_Score, mbg_nbd, "mbg_nbd", {.5248, 6.1831, .8914, 1.614});

}  // namespace
}  // namespace tenure::clv
