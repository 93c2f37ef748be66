// Fits against one plain scalar pass of the likelihood over the same rows (lgamma and pow a row, no
// tables, no derivatives), and features a row. Customers are simulated: seed 1.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "server/clv/beta_geometric_model.h"
#include "server/clv/pareto_nbd_model.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

struct Parameters {
  double r, alpha, a, b;
};
constexpr Parameters kCdnow{.2426, 4.4136, .7929, 2.4259};

// Weeks; whole days where `days` is set, so that many customers are alike.
std::vector<PurchaseRow> RowsOf(const PurchaseModel& model, int64_t customers, bool days) {
  Random random(1);
  std::vector<PurchaseRow> rows;
  Life life;
  const auto rounded = [days](double weeks) { return days ? std::floor(weeks * 7) / 7 : weeks; };
  for (int64_t i = 0; i < customers; ++i) {
    const double age = rounded(39 - 12 * random.Uniform());
    model.Draw(age, &random, &life);
    // Several purchases of a day count once.
    double x = 0;
    double last = 0;
    for (const double time : life.times) {
      if (rounded(time) == last) continue;
      last = rounded(time);
      ++x;
    }
    rows.push_back({x, last, age});
  }
  return rows;
}

std::vector<PurchaseRow> Rows(int64_t customers, bool days) {
  return RowsOf(
      BetaGeometricModel(Dropout::kAfterRepeat, kCdnow.r, kCdnow.alpha, kCdnow.a, kCdnow.b),
      customers, days);
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
  const std::vector<PurchaseRow> rows = Rows(state.range(0), state.range(1) != 0);
  const double plain = SecondsOfPlainPass(rows);
  int64_t fits = 0;
  int64_t distinct = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    const ModelFit fit = FitPurchaseModel(*FindModelKind("bg_nbd"), *Summary::Create(rows));
    if (!fit.usable()) state.SkipWithError(fit.VerdictText().c_str());
    distinct = fit.distinct_rows;
    ++fits;
  }
  const double elapsed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  state.counters["plain_passes"] = elapsed / static_cast<double>(fits) / plain;
  state.counters["distinct_rows"] = static_cast<double>(distinct);
}
BENCHMARK(BM_FitBgNbd)
    ->ArgNames({"rows", "whole_days"})
    ->Args({2357, 0})
    ->Args({1'000'000, 0})
    ->Args({1'000'000, 1})
    ->Unit(benchmark::kMillisecond);

// F(a, b; c; z) by its series, as a plain implementation of the closed form has it.
double Hypergeometric(double a, double b, double c, double z) {
  double sum = 1;
  double term = 1;
  for (int k = 0; k < 10'000 && std::abs(term) > 1e-14 * std::abs(sum); ++k) {
    term *= (a + k) * (b + k) / ((c + k) * (1 + k)) * z;
    sum += term;
  }
  return sum;
}

// Pareto/NBD in ₂F₁ (Fader, Hardie 2005), (r, α, s, β) = (r, alpha, a, b): one history's
// ln P(dead)/P(alive).
double PlainLogOddsDead(const PurchaseRow& row, const Parameters& m) {
  const double n = m.r + m.a + row.frequency;
  const bool alpha_is_larger = m.alpha >= m.b;
  const double larger = alpha_is_larger ? m.alpha : m.b;
  const double gap = std::abs(m.alpha - m.b);
  const double b = alpha_is_larger ? m.a + 1 : m.r + row.frequency;
  const double last = larger + row.recency;
  const double end = larger + row.age;
  const double first = Hypergeometric(n, b, n + 1, gap / last) * std::pow(end / last, n);
  const double second = Hypergeometric(n, b, n + 1, gap / end);
  return std::log(m.a / n * (first - second)) +
         (m.r + row.frequency) * std::log((m.alpha + row.age) / end) +
         m.a * std::log((m.b + row.age) / end);
}

double PlainParetoLogLikelihood(const std::vector<PurchaseRow>& rows, const Parameters& m) {
  double sum = 0;
  for (const PurchaseRow& row : rows) {
    const double x = row.frequency;
    sum += std::lgamma(m.r + x) - std::lgamma(m.r) + m.r * std::log(m.alpha) + m.a * std::log(m.b) -
           (m.r + x) * std::log(m.alpha + row.age) - m.a * std::log(m.b + row.age) +
           std::log1p(std::exp(PlainLogOddsDead(row, m)));
  }
  return sum;
}

constexpr Parameters kParetoCdnow{.5533, 10.5778, .6060, 11.6639};  // r, α, s, β

std::vector<PurchaseRow> ParetoRows(int64_t customers, bool days) {
  return RowsOf(ParetoNbdModel(kParetoCdnow.r, kParetoCdnow.alpha, kParetoCdnow.a, kParetoCdnow.b),
                customers, days);
}

// As BM_FitBgNbd; `plain_passes` of the closed form's likelihood over the rows one by one.
void BM_FitParetoNbd(benchmark::State& state) {
  const std::vector<PurchaseRow> rows = ParetoRows(state.range(0), state.range(1) != 0);
  const auto plain_start = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(PlainParetoLogLikelihood(rows, kParetoCdnow));
  const double plain =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - plain_start).count();
  int64_t fits = 0;
  int64_t distinct = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    const ModelFit fit = FitPurchaseModel(*FindModelKind("pareto_nbd"), *Summary::Create(rows));
    if (!fit.usable()) state.SkipWithError(fit.VerdictText().c_str());
    distinct = fit.distinct_rows;
    ++fits;
  }
  const double elapsed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  state.counters["plain_passes"] = elapsed / static_cast<double>(fits) / plain;
  state.counters["distinct_rows"] = static_cast<double>(distinct);
}
BENCHMARK(BM_FitParetoNbd)
    ->ArgNames({"rows", "whole_days"})
    ->Args({2357, 1})
    ->Args({100'000, 0})
    ->Args({1'000'000, 1})
    ->Unit(benchmark::kMillisecond);

void BM_ParetoLogOddsDead(benchmark::State& state) {
  const std::vector<PurchaseRow> rows = ParetoRows(5'000, false);
  const ParetoNbdModel model(kParetoCdnow.r, kParetoCdnow.alpha, kParetoCdnow.a, kParetoCdnow.b);
  const bool is_plain = state.range(0) != 0;
  for (auto _ : state) {
    for (const PurchaseRow& row : rows) {
      benchmark::DoNotOptimize(is_plain ? PlainLogOddsDead(row, kParetoCdnow)
                                        : model.LogOddsDead({row.frequency, row.recency, row.age}));
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows.size()));
  state.SetLabel(is_plain ? "plain 2F1" : "quadrature");
}
BENCHMARK(BM_ParetoLogOddsDead)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);

// What a model says of a customer's future, one call each.
void BM_Value(benchmark::State& state) {
  constexpr const char* kModels[] = {"mbg_nbd", "pareto_nbd"};
  const auto model = *CreatePurchaseModel(kModels[state.range(0)], {.55, 10.5, .6, 11.6});
  const std::vector<PurchaseRow> rows = ParetoRows(5'000, false);
  for (auto _ : state) {
    for (const PurchaseRow& row : rows) {
      const History history{row.frequency, row.recency, row.age};
      const TimeGrid grid = model->Grid(history, 4, 52, .0018);
      if (state.range(1) == 0) benchmark::DoNotOptimize(model->ValueIfAlive(history, grid));
      if (state.range(1) == 1) benchmark::DoNotOptimize(model->OutlookIfAlive(history, grid));
      if (state.range(1) == 2) benchmark::DoNotOptimize(model->ValueIfRevived(history, grid));
    }
  }
  constexpr const char* kCalls[] = {" alive", " outlook", " revived"};
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows.size()));
  state.SetLabel(std::string(kModels[state.range(0)]) + kCalls[state.range(1)]);
}
BENCHMARK(BM_Value)->ArgsProduct({{0, 1}, {0, 1, 2}})->Unit(benchmark::kMicrosecond);

void BM_Compute(benchmark::State& state) {
  constexpr const char* kModels[] = {"nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"};
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
  for (const PurchaseRow& row : Rows(5'000, false)) {
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
BENCHMARK(BM_Compute)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenure::clv
