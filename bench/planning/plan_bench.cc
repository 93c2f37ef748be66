// A plan end to end in this process: everybody's offers valued by the shipped policies, allocated,
// reported and encoded as the journal has it. Twenty campaigns that everybody is eligible for, on
// a population drawn from MBG/NBD. Beside it what the policies' calls alone take on the same rows,
// which no planner could leave out. Prints one JSON document. plan_bench [customers [threads
// [decisions a customer and week]]]; 0, as without: each is decided for once.
#include <time.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"
#include "server/decision/evaluate.h"
#include "server/decision/plugin_catalog.h"
#include "server/planning/plan.h"
#include "server/planning/population_mix.h"
#include "server/rules/compiler.h"

namespace tenure::planning {
namespace {

constexpr int kCampaigns = 20;
constexpr double kWeeks = 104;
constexpr int64_t kNow = 17'533 * kMicrosPerDay;  // 2018-01-02

std::string Rules(uint32_t customers, double arrivals) {
  constexpr const char* kPlugins[] = {"upsell", "loyalty", "win_back"};
  std::string text = absl::StrCat(
      "name: shop\ncurrency: EUR\nzone: UTC\nvalue: {model: mbg_nbd}\n"
      "holdout: {share: 3 %, salt: bench}\n"
      "tracks:\n  - id: lifecycle\n    stages:\n"
      "      - {id: silent, enter: days_since_last_purchase > 120.0,"
      " exit: days_since_last_purchase < 60.0}\n"
      "      - {id: active, enter: days_since_last_purchase <= 120.0}\n"
      "budgets:\n  - id: all\n    limit: ",
      customers / 40,
      "\n    segments:\n      - {id: silent, when: stage == \"silent\", min: 10}\n"
      "      - {id: high, when: tier == \"high\"}\n      - {id: others}\n"
      "campaigns:\n");
  if (arrivals > 0) {
    text = absl::StrCat("arrivals: {per_week: ", arrivals, "}\ncaps:\n",
                        "  - {id: four, count: 4, rolling: 30d}\n", text);
  }
  for (int c = 0; c < kCampaigns; ++c) {
    absl::StrAppend(&text, "  - id: c", c, "\n    channel: email\n    plugin: ", kPlugins[c % 3],
                    "\n    params: {uplift: 0.", 10 + c, ", uplift_low: -0.05, uplift_high: 0.5",
                    c % 3 == 2 ? "" : "",
                    "}\n    budget: all\n    cooldown: 30d\n    offers:\n      - {id: o, ",
                    "contact_cost: 0.", 10 + 2 * c, "}\n");
  }
  return text;
}

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void Fill(uint32_t customers, const customers::Valuation& valuation, customers::Population* out) {
  const auto model = clv::CreatePurchaseModel("mbg_nbd", {0.525, 6.183, 0.891, 1.614}).value();
  const clv::Simulator simulator(model, {6.25, 3.74, 44}, 1);
  clv::SimulatedCustomer drawn;
  for (uint32_t first = 0; first < customers; first += 10'000) {
    customers::Change change(out);
    for (uint32_t i = first; i < std::min(first + 10'000, customers); ++i) {
      const double joined = kWeeks * simulator.UniformOf(i, 1);
      simulator.Draw(i, kWeeks - joined, &drawn);
      const uint32_t number = change.FindOrAdd(absl::StrCat("c", i));
      const auto at = [&](double week) {
        return kNow - static_cast<int64_t>((kWeeks - joined - week) * 7 * kMicrosPerDay) - 1;
      };
      journal::EventRecord consent;
      consent.type = journal::EventType::kConsent;
      consent.happened_us = at(0);
      consent.channel = "email";
      consent.purpose = "marketing";
      change.Apply(number, consent, kNow, valuation);
      for (size_t k = 0; k < drawn.times.size(); ++k) {
        journal::EventRecord event;
        event.happened_us = at(drawn.times[k]);
        event.amount_micros = static_cast<int64_t>(drawn.spends[k] * 100) * 10'000;
        event.margin_micros = event.amount_micros * 3 / 10;
        change.Apply(number, event, kNow, valuation);
      }
    }
    change.Publish();
  }
  customers::Change change(out);
  change.Tick(kNow, valuation);
  change.Publish();
}

double PoliciesAlone(const decision::World& world, const customers::Population& population) {
  constexpr uint32_t kRows = decision::kRowsTogether;
  const std::vector<uint8_t> eligible(kRows, 1);
  const std::vector<uint64_t> seeds(kRows, 1);
  std::vector<uint32_t> numbers(kRows);
  std::vector<customers::Profile> profiles;
  plugin_host::Proposals proposals;
  double seconds = 0;
  for (uint32_t first = 1; first + kRows <= population.size(); first += kRows) {
    std::iota(numbers.begin(), numbers.end(), first);
    Batch features(world.rules->schema, kRows);
    population.Gather(numbers, kNow, world.valuation, &features, &profiles);
    const double before = CpuSeconds();
    for (const auto& policy : world.policies) {
      TENURE_CHECK(policy->Propose(features, eligible, seeds, kNow, 0, &proposals).ok());
    }
    seconds += CpuSeconds() - before;
  }
  return seconds;
}

// What the re-planner's hourly look at the mix takes of its thread.
double MixSeconds(const decision::World& world, const customers::Population& population) {
  constexpr uint32_t kCounted = 20'000;
  const double before = CpuSeconds();
  TENURE_CHECK(!MixAt(world, population, 0, kNow, kCounted).empty());
  return CpuSeconds() - before;
}

int Run(uint32_t customers, int threads, double arrivals) {
  const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  auto plugins = plugin_host::Registry::LoadFolder((build / "lib/tenure/plugins").string());
  TENURE_CHECK(plugins.ok());
  const decision::RegistryCatalog catalog(std::make_shared<const plugin_host::Registry>(*plugins));
  const rules::Compiled compiled =
      rules::Compile({{"rules.yaml", Rules(customers, arrivals)}}, catalog);
  for (const rules::Problem& problem : compiled.problems) {
    std::fprintf(stderr, "%s\n", rules::Render(problem).c_str());
  }
  TENURE_CHECK(compiled.rule_set != nullptr);
  clv::ValueParameters known;
  known.model = "mbg_nbd";
  known.purchase = {0.525, 6.183, 0.891, 1.614};
  known.spend = {6.25, 3.74, 44};
  clv::ValueOptions options;
  options.margin_rate = 0.3;
  customers::Valuation valuation{compiled.rule_set, clv::ValueModel::Create(known, options).value(),
                                 journal::CutPoints()};
  customers::Population population;
  Fill(customers, valuation, &population);
  const auto world = decision::MakeWorld(valuation, "known", {}, *plugins, 1);
  const double policies = PoliciesAlone(*world, population);
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  request.threads = threads;
  const double cpu = CpuSeconds();
  const int64_t began = MonotonicUs();
  const auto plan = MakePlan(*world, population, request);
  TENURE_CHECK(plan.ok());
  const double seconds = static_cast<double>(MonotonicUs() - began) * 1e-6;
  const double planned_cpu = CpuSeconds() - cpu;
  const size_t bytes = journal::Encode(plan->record).size();
  std::printf(
      "{\"customers\": %u, \"campaigns\": %d, \"threads\": %d, \"seconds\": %.3f, "
      "\"cpu_seconds\": %.3f, \"policies_cpu_seconds\": %.3f, \"gap\": %.3g, "
      "\"offers\": %zu, \"record_bytes\": %zu, \"mix_cpu_seconds\": %.4f}\n",
      customers, kCampaigns, threads, seconds, planned_cpu, policies, plan->record.gap,
      plan->choices.size(), bytes, MixSeconds(*world, population));
  return 0;
}

}  // namespace
}  // namespace tenure::planning

int main(int argc, char** argv) {
  uint32_t customers = 1'000'000;
  int threads = 2;
  double arrivals = 0;
  if ((argc > 1 && !absl::SimpleAtoi(argv[1], &customers)) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &threads)) ||
      (argc > 3 && !absl::SimpleAtod(argv[3], &arrivals))) {
    std::fprintf(stderr, "plan_bench [customers [threads [decisions a customer and week]]]\n");
    return 2;
  }
  return tenure::planning::Run(customers, threads, arrivals);
}
