// Fits against one plain scalar pass of the likelihood over the same rows (lgamma and pow a row, no
// tables, no derivatives), and features a row. Customers are simulated: seed 1.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <vector>

#include "server/clv/purchase_fit.h"
#include "server/clv/simulate.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

struct Parameters {
  double r, alpha, a, b;
};
constexpr Parameters kCdnow{.2426, 4.4136, .7929, 2.4259};

std::vector<PurchaseRow> Rows(int64_t customers) {
  const Simulator simulator(
      *CreatePurchaseModel("bg_nbd", {kCdnow.r, kCdnow.alpha, kCdnow.a, kCdnow.b}), GammaGamma(),
      1);
  std::vector<PurchaseRow> rows;
  SimulatedCustomer customer;
  for (int64_t i = 0; i < customers; ++i) {
    const auto index = static_cast<uint64_t>(i);
    const double age = 39 - 12 * simulator.UniformOf(index, 1);
    simulator.Draw(index, age, &customer);
    rows.push_back({static_cast<double>(customer.times.size() - 1), customer.times.back(), age});
  }
  return rows;
}

double PlainLogLikelihood(const std::vector<PurchaseRow>& rows, const Parameters& m) {
  double sum = 0;
  for (const PurchaseRow& row : rows) {
    const double x = row.frequency;
    const double a1 = std::lgamma(m.r + x) - std::lgamma(m.r) + m.r * std::log(m.alpha);
    const double a2 = std::lgamma(m.a + m.b) + std::lgamma(m.b + x) - std::lgamma(m.b) -
                      std::lgamma(m.a + m.b + x);
    const double a3 = -(m.r + x) * std::log(m.alpha + row.age);
    const double a4 =
        x > 0 ? std::log(m.a) - std::log(m.b + x - 1) - (m.r + x) * std::log(m.alpha + row.recency)
              : -INFINITY;
    const double larger = std::max(a3, a4);
    sum += a1 + a2 + larger + std::log(std::exp(a3 - larger) + std::exp(a4 - larger));
  }
  return sum;
}

double SecondsOfPlainPass(const std::vector<PurchaseRow>& rows) {
  const auto start = std::chrono::steady_clock::now();
  int passes = 0;
  double elapsed = 0;
  do {
    benchmark::DoNotOptimize(PlainLogLikelihood(rows, kCdnow));
    ++passes;
    elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  } while (elapsed < 0.05);
  return elapsed / passes;
}

// Grouping, the fit, the comparison with NBD and the standard errors.
void BM_FitBgNbd(benchmark::State& state) {
  const std::vector<PurchaseRow> rows = Rows(state.range(0));
  const double plain = SecondsOfPlainPass(rows);
  int64_t fits = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    const ModelFit fit = FitPurchaseModel(*FindModelKind("bg_nbd"), *Summary::Create(rows));
    if (!fit.usable()) state.SkipWithError(fit.VerdictText().c_str());
    ++fits;
  }
  const double elapsed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  state.counters["plain_passes"] = elapsed / static_cast<double>(fits) / plain;
}
BENCHMARK(BM_FitBgNbd)->Arg(2357)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_Compute(benchmark::State& state) {
  constexpr const char* kModels[] = {"nbd", "bg_nbd", "mbg_nbd"};
  ValueParameters parameters;
  parameters.model = kModels[state.range(0)];
  parameters.purchase = {.2426, 4.4136};
  if (state.range(0) > 0) parameters.purchase.insert(parameters.purchase.end(), {.7929, 2.4259});
  const size_t size = parameters.purchase.size();
  parameters.purchase_log_cov.assign(size * size, 0);
  for (size_t i = 0; i < size; ++i) parameters.purchase_log_cov[i * size + i] = 0.01;
  parameters.spend = {6.25, 3.74, 15.44};
  const auto model = *ValueModel::Create(parameters, {});
  std::vector<Observation> rows;
  for (const PurchaseRow& row : Rows(5'000)) {
    rows.push_back({row.frequency, row.recency * 7, row.age * 7, 30});
  }
  std::vector<ValueFeatures> features(rows.size());
  for (auto _ : state) {
    model->Compute(rows, absl::MakeSpan(features));
    benchmark::DoNotOptimize(features.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows.size()));
  state.SetLabel(parameters.model);
}
BENCHMARK(BM_Compute)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenure::clv
