// Scores of very many customers, against one logarithm and one exponential a row: what P(alive)
// alone must cost. Customers are simulated: seed 1.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"
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
BENCHMARK_CAPTURE(BM_Score, bg_nbd, "bg_nbd", {.2426, 4.4136, .7929, 2.4259});
BENCHMARK_CAPTURE(BM_Score, pareto_nbd, "pareto_nbd", {.5533, 10.578, .606, 11.664});
BENCHMARK_CAPTURE(BM_Score, mbg_nbd, "mbg_nbd", {.5248, 6.1831, .8914, 1.614});

}  // namespace
}  // namespace tenure::clv
