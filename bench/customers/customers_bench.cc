// What an event, a row of features, a tick and a customer cost.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/rules/compiler.h"
#include "server/rules/trusting_catalog.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

constexpr uint32_t kCustomers = 20'000;

Valuation WithoutStages() { return {nullptr, MakeModel(), {1, 0.5, {}, {}, {}}}; }

Valuation WithStages() {
  return {
      MakeRules(
          {{{"lifecycle",
             {{"prospect", "purchases == 0", ""},
              {"new", "purchases == 1 && days_since_last_purchase < 60.0", ""},
              {"repeat", "purchases > 1 && days_since_last_purchase < 60.0", ""},
              {"dormant", "days_since_last_purchase >= 60.0", "days_since_last_purchase < 30.0"}}}},
           {},
           {{"heavy", "revenue_365d > 500.0"}}}),
      MakeModel(),
      {1, 0.5, {}, {}, {}}};
}

// Stages that read P(alive), as the shipped ones do: so each event values the customer.
Valuation WithModel() {
  return {MakeRules({{{"lifecycle",
                       {{"dormant", "p_alive < 0.1", "p_alive > 0.2"},
                        {"at_risk", "p_alive < 0.5", "p_alive > 0.6 || p_alive < 0.1"},
                        {"new", "purchases == 1", ""},
                        {"repeat", "purchases > 1", ""}}}},
                     {},
                     {}}),
          MakeModel(),
          {1, 0.5, {}, {}, {}}};
}

// The same, each valued by the model of their population: three, of which facts decide.
Valuation WithPopulations() {
  RulesText text;
  text.tracks = {{"lifecycle",
                  {{"dormant", "p_alive < 0.1", "p_alive > 0.2"},
                   {"at_risk", "p_alive < 0.5", "p_alive > 0.6 || p_alive < 0.1"},
                   {"new", "purchases == 1", ""},
                   {"repeat", "purchases > 1", ""}}}};
  text.populations = {{"large", "revenue_total > 300.0"}, {"regular", "purchases > 8"}};
  return {MakeRules(text),
          MakeModel(),
          {1, 0.5, {}, {}, {}},
          MakePopulations(
              {{"large", MakeModel(0.2)}, {"regular", MakeModel(0.3)}, {"rest", MakeModel(0.4)}})};
}

// The rules that are shipped, with a model of that name.
Valuation WithShippedRules(const std::string& model, std::vector<double> purchase) {
  absl::StatusOr<std::vector<rules::Source>> sources =
      rules::ReadFolder(TENURE_SOURCE_DIR "/rules/default");
  TENURE_CHECK(sources.ok());
  rules::Compiled compiled = rules::Compile(*std::move(sources), rules::TrustingCatalog());
  TENURE_CHECK(compiled.rule_set != nullptr);
  clv::ValueParameters parameters = MakeModel()->parameters();
  parameters.model = model;
  parameters.purchase = std::move(purchase);
  return {std::move(compiled.rule_set),
          clv::ValueModel::Create(std::move(parameters), MakeModel()->options()).value(),
          {1, 0.5, {}, {}, {}}};
}

// Customers with `purchases` each, ten days apart.
void Fill(uint32_t customers, int purchases, const Valuation& valuation, Population* population) {
  for (int p = 0; p < purchases; ++p) {
    Change change(population);
    const int64_t at_us = kStart + p * 10 * kDay;
    const journal::EventRecord event = Bought(at_us, 20'000'000, "books");
    for (uint32_t c = 0; c < customers; ++c) {
      const uint32_t number = change.FindOrAdd(absl::StrCat("customer", c));
      change.Apply(number, event, at_us, valuation);
    }
    change.Publish();
  }
}

// What any program would do: a hash table of customers, each with its instants and amounts, and
// their number and sum. No late events, no readers, nothing to be forgotten, no model, no stages.
void AppendOnly(benchmark::State& state) {
  struct Customer {
    std::vector<std::pair<int64_t, int64_t>> purchases;
    int64_t count = 0, revenue = 0;
  };
  absl::flat_hash_map<uint32_t, Customer> customers;
  int64_t at_us = kStart;
  const auto buy = [&](uint32_t number) {
    Customer& customer = customers[number];
    customer.purchases.emplace_back(at_us += 1'000'000, 20'000'000);
    ++customer.count;
    customer.revenue += 20'000'000;
  };
  for (int p = 0; p < 3; ++p) {
    for (uint32_t c = 1; c <= kCustomers; ++c) buy(c);
  }
  Random random(1);
  for (auto _ : state) {
    for (int i = 0; i < 256; ++i) buy(static_cast<uint32_t>(1 + random.Below(kCustomers)));
  }
  state.SetItemsProcessed(state.iterations() * 256);
}
BENCHMARK(AppendOnly);

// Customers known, commits of 256 events of customers by chance, the change kept from commit to
// commit as the sequencer keeps it.
void FoldEvents(benchmark::State& state, const Valuation& valuation, uint32_t customers) {
  Population population;
  Fill(customers, 3, valuation, &population);
  Random random(1);
  int64_t at_us = kStart + 100 * kDay;
  journal::EventRecord event = Bought(at_us, 20'000'000, "books");
  Change change(&population);
  for (auto _ : state) {
    for (int i = 0; i < 256; ++i) {
      event.happened_us = at_us += 1'000'000;
      change.Apply(static_cast<uint32_t>(1 + random.Below(customers)), event, at_us, valuation);
    }
    change.Publish();
  }
  state.SetItemsProcessed(state.iterations() * 256);
}
void FoldOnly(benchmark::State& state) { FoldEvents(state, WithoutStages(), kCustomers); }
void FoldWithStages(benchmark::State& state) { FoldEvents(state, WithStages(), kCustomers); }
void FoldWithModel(benchmark::State& state) { FoldEvents(state, WithModel(), kCustomers); }
BENCHMARK(FoldOnly);
BENCHMARK(FoldWithStages);
BENCHMARK(FoldWithModel);
void FoldWithPopulations(benchmark::State& state) {
  FoldEvents(state, WithPopulations(), kCustomers);
}
BENCHMARK(FoldWithPopulations);
// Parameters of CDNOW.
void FoldWithShippedRulesBg(benchmark::State& state) {
  FoldEvents(state, WithShippedRules("bg_nbd", {0.243, 4.414, 0.793, 2.426}), kCustomers);
}
void FoldWithShippedRulesMbg(benchmark::State& state) {
  FoldEvents(state, WithShippedRules("mbg_nbd", {0.525, 6.183, 0.891, 1.614}), kCustomers);
}
void FoldWithShippedRulesPareto(benchmark::State& state) {
  FoldEvents(state, WithShippedRules("pareto_nbd", {0.553, 10.58, 0.606, 11.66}), kCustomers);
}
BENCHMARK(FoldWithShippedRulesBg);
BENCHMARK(FoldWithShippedRulesMbg);
BENCHMARK(FoldWithShippedRulesPareto);
// The same where all customers are in the core's own cache, and where hardly any is.
void FoldWithModelWarm(benchmark::State& state) { FoldEvents(state, WithModel(), 4'000); }
void FoldWithModelCold(benchmark::State& state) { FoldEvents(state, WithModel(), 400'000); }
BENCHMARK(FoldWithModelWarm)->Iterations(200);
BENCHMARK(FoldWithModelCold)->Iterations(1'000);

void Gather(benchmark::State& state, Valuation valuation) {
  Population population;
  Fill(kCustomers, 5, valuation, &population);
  Random random(1);
  std::vector<uint32_t> customers(static_cast<size_t>(state.range(0)));
  for (uint32_t& number : customers) number = static_cast<uint32_t>(1 + random.Below(kCustomers));
  Batch batch(std::make_shared<const Schema>(Schema::Create({}).value()), 0);
  std::vector<Profile> profiles;
  for (auto _ : state) {
    population.Gather(customers, kStart + 100 * kDay, valuation, &batch, &profiles);
    benchmark::DoNotOptimize(batch);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
void GatherAll(benchmark::State& state) { Gather(state, WithStages()); }
void GatherWithoutModel(benchmark::State& state) {
  Valuation valuation = WithStages();
  valuation.model = nullptr;
  Gather(state, valuation);
}
BENCHMARK(GatherAll)->Arg(1)->Arg(1'000);
BENCHMARK(GatherWithoutModel)->Arg(1)->Arg(1'000);

// Who is due an hour later, everybody having been evaluated; and everybody, as after new rules.
void Tick(benchmark::State& state, bool everybody) {
  const Valuation valuation = WithStages();
  Population population;
  Fill(kCustomers, 5, valuation, &population);
  int64_t at_us = kStart + 55 * kDay;
  const auto tick = [&](bool all) {
    Change change(&population);
    change.BeginTick(at_us, all);
    const size_t due = change.waiting();
    change.Tick(at_us, valuation, due);
    change.Publish();
    return due;
  };
  tick(true);
  size_t evaluated = 0;
  for (auto _ : state) {
    at_us += kMicrosPerHour;
    evaluated += tick(everybody);
  }
  state.counters["evaluated"] =
      static_cast<double>(evaluated) / static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations() * kCustomers);
}
void TickEverybody(benchmark::State& state) { Tick(state, true); }
void TickWhoIsDue(benchmark::State& state) { Tick(state, false); }
BENCHMARK(TickEverybody)->Unit(benchmark::kMillisecond);
BENCHMARK(TickWhoIsDue)->Unit(benchmark::kMicrosecond);

void SnapshotSave(benchmark::State& state) {
  Population population;
  Fill(kCustomers, 5, WithStages(), &population);
  size_t bytes = 0;
  for (auto _ : state) bytes = population.Save().size();
  state.counters["bytes_per_customer"] = static_cast<double>(bytes) / kCustomers;
  state.SetItemsProcessed(state.iterations() * kCustomers);
}
void SnapshotRestore(benchmark::State& state) {
  Population population;
  Fill(kCustomers, 5, WithStages(), &population);
  const std::string bytes = population.Save();
  for (auto _ : state) {
    Population restored;
    benchmark::DoNotOptimize(restored.Restore(bytes).ok());
  }
  state.SetItemsProcessed(state.iterations() * kCustomers);
}
BENCHMARK(SnapshotSave)->Unit(benchmark::kMillisecond);
BENCHMARK(SnapshotRestore)->Unit(benchmark::kMillisecond);

// All that malloc has given out, index and bookkeeping included.
void Memory(benchmark::State& state) {
  constexpr uint32_t kMany = 200'000;
  const Valuation valuation = WithStages();
  double bytes = 0;
  for (auto _ : state) {
    malloc_trim(0);
    const struct mallinfo2 before = mallinfo2();
    auto population = std::make_unique<Population>();
    Fill(kMany, 5, valuation, population.get());
    const struct mallinfo2 after = mallinfo2();
    bytes = static_cast<double>(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd);
  }
  state.counters["bytes_per_customer"] = bytes / kMany;
}
BENCHMARK(Memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenure::customers
