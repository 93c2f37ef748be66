// One decision evaluated in this process: 200 campaigns of three offers, 30 past their stage gate,
// the shipped policies as they are loaded by the server. In batches of 1 and of 1,000, against the
// calls of the 30 policies alone on the same rows; interleaved, median of seven. Features are
// gathered outside the measured part. Allocations are counted by replacing operator new: with the
// evaluation alone, and with a fresh record for each row (as the server does).
// Prints one JSON document. evaluate_bench [rounds [batch]].
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/decision/evaluate.h"
#include "server/decision/plugin_catalog.h"
#include "server/decision/ranking.h"
#include "server/rules/compiler.h"
#include "tests/customers/world.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace tenure::decision {
namespace {

constexpr size_t kCampaigns = 200;
constexpr size_t kPastStage = 30;
constexpr size_t kOffers = 3;
constexpr size_t kRows = 1'000;
constexpr int64_t kAt = customers::kStart + 100 * customers::kDay;

std::vector<rules::Source> Rules() {
  constexpr const char* kPlugins[] = {"upsell", "loyalty", "win_back"};
  std::string text =
      "name: shop\ncurrency: USD\nzone: UTC\n"
      "tracks:\n  - id: lifecycle\n    stages:\n"
      "      - {id: repeat, title: Repeat, enter: purchases >= 2}\n"
      "      - {id: new, title: New, enter: purchases == 1}\n"
      "campaigns:\n";
  for (size_t c = 0; c < kCampaigns; ++c) {
    absl::StrAppend(&text, "  - id: c", c, "\n    title: Campaign ", c, "\n    channel: email\n",
                    "    stages: [", c < kPastStage ? "repeat" : "new",
                    "]\n    eligible: days_since_last_purchase >= 7.0 && purchases >= 2\n",
                    "    plugin: ", kPlugins[c % 3], "\n    offers:\n",
                    "      - {id: message, title: Message, contact_cost: 0.02}\n",
                    "      - {id: five, title: 5 % off, contact_cost: 0.02, discount_rate: 5 %,"
                    " max_discount: 25, redemption: 60 %, valid_days: 14}\n",
                    "      - {id: ten, title: 10 % off, contact_cost: 0.02, discount_rate: 10 %,"
                    " max_discount: 40, redemption: 70 %, valid_days: 14}\n");
  }
  return {{"rules.yaml", text}};
}

std::shared_ptr<const rules::RuleSet> Compiled(const plugin_host::Registry& plugins) {
  const decision::RegistryCatalog catalog(
      std::shared_ptr<const plugin_host::Registry>(&plugins, [](const plugin_host::Registry*) {}));
  rules::Compiled compiled = rules::Compile(Rules(), catalog);
  for (const rules::Problem& problem : compiled.problems) {
    if (problem.severity == rules::Severity::kError) {
      std::fprintf(stderr, "%s\n", rules::Render(problem).c_str());
    }
  }
  TENURE_CHECK(compiled.rule_set != nullptr);
  return compiled.rule_set;
}

// Customers that are evaluated in one call.
struct Part {
  Batch features;
  std::vector<customers::Profile> profiles;
  std::vector<uint64_t> seeds;
};

class Setting {
 public:
  explicit Setting(size_t rows) : plugins_(LoadPlugins()) {
    customers::Valuation valuation{
        Compiled(plugins_), customers::MakeModel(), {1, 0.5, {}, {}, {}}};
    world_ = MakeWorld(valuation, "model", {}, plugins_, 1);
    for (size_t c = 0; c < kCampaigns; ++c) TENURE_CHECK(world_->policies[c] != nullptr);
    Fill(valuation, rows);
    for (size_t first = 0; first < rows; first += kRowsTogether) {
      const size_t count = std::min(kRowsTogether, rows - first);
      Part& part = parts_.emplace_back(Part{Batch(valuation.rules->schema, count), {}, {}});
      std::vector<uint32_t> numbers;
      for (size_t r = first; r < first + count; ++r) {
        numbers.push_back(static_cast<uint32_t>(r + 1));
        part.seeds.push_back(RowSeed(1, absl::StrCat("request", r)));
      }
      population_.Gather(numbers, kAt, valuation, &part.features, &part.profiles);
    }
    for (const Part& part : parts_) {
      EvaluatePart(part);
      CheckCounts();
    }
  }

  // With the order of what is left for the walk, which takes as much of it as it needs.
  void Reused() {
    for (const Part& part : parts_) {
      EvaluatePart(part);
      for (size_t r = 0; r < evaluation_.rows(); ++r) {
        ranking_.Begin(*world_->rules, evaluation_.candidates(r));
        best_ += ranking_.Next();
      }
    }
  }
  void Fresh() {
    for (const Part& part : parts_) {
      EvaluatePart(part);
      for (size_t r = 0; r < evaluation_.rows(); ++r) {
        journal::DecisionRecord record;
        evaluation_.Record(r, &record);
        ranking_.Begin(*world_->rules, record.candidates);
        best_ += ranking_.Next();
      }
    }
  }
  // What no host could leave out.
  void PoliciesAlone() {
    for (const Part& part : parts_) {
      eligible_.assign(part.seeds.size() * kOffers, 1);
      for (size_t c = 0; c < kCampaigns; ++c) {
        if (world_->rules->campaigns[c].stages.front() != "repeat") continue;
        const absl::Status status =
            world_->policies[c]->Propose(part.features, eligible_, part.seeds, kAt, 0, &proposals_);
        TENURE_CHECK(status.ok());
      }
    }
  }

 private:
  void EvaluatePart(const Part& part) {
    Evaluate(*world_, part.features, part.profiles, part.seeds, kAt, {}, &evaluation_);
  }

  static plugin_host::Registry LoadPlugins() {
    const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
    auto registry = plugin_host::Registry::LoadFolder((build / "lib/tenure/plugins").string());
    TENURE_CHECK(registry.ok());
    return *std::move(registry);
  }

  void Fill(const customers::Valuation& valuation, size_t rows) {
    for (size_t r = 0; r < rows; ++r) {
      std::vector<journal::EventRecord> events = {customers::ConsentEvent(
          customers::kStart, "email", "marketing", journal::ConsentState::kGranted)};
      for (int64_t p = 0; p < 3; ++p) {
        events.push_back(customers::Bought(
            customers::kStart + (p * 20 + static_cast<int64_t>(r % 7)) * customers::kDay,
            20'000'000 + static_cast<int64_t>(r) * 10'000, "books"));
      }
      customers::ApplyAll(absl::StrCat("customer", r), events, valuation, &population_);
    }
  }

  // Every campaign has its outcome, and 30 of them were valued.
  void CheckCounts() const {
    for (size_t r = 0; r < evaluation_.rows(); ++r) {
      size_t stopped = 0;
      for (const uint8_t stop : evaluation_.stops(r)) {
        stopped += stop == journal::Stop{journal::Gate::kStage}.Byte();
      }
      TENURE_CHECK(stopped == kCampaigns - kPastStage);
      TENURE_CHECK(evaluation_.candidates(r).size() == kPastStage * kOffers);
      for (const journal::CandidateRecord& candidate : evaluation_.candidates(r)) {
        TENURE_CHECK(candidate.outcome != journal::Outcome::kError);
      }
    }
  }

  const plugin_host::Registry plugins_;
  std::shared_ptr<const World> world_;
  customers::Population population_;
  std::vector<Part> parts_;
  Evaluation evaluation_;
  Ranking ranking_;
  size_t best_ = 0;
  std::vector<uint8_t> eligible_;
  plugin_host::Proposals proposals_;
};

// Of this thread: others may use the machine too.
double CpuMicroseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// CPU microseconds of one call, over about 50 ms.
template <typename Call>
double Microseconds(Call call) {
  const double from_us = CpuMicroseconds();
  int calls = 0;
  double spent_us = 0;
  do {
    call();
    ++calls;
    spent_us = CpuMicroseconds() - from_us;
  } while (spent_us < 50'000);
  return spent_us / calls;
}

template <typename Call>
uint64_t Allocations(Call call) {
  const uint64_t before = allocations.load();
  call();
  return allocations.load() - before;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Measure(size_t rows, int rounds, bool last) {
  Setting setting(rows);
  const auto count = static_cast<double>(rows);
  std::vector<double> reused, fresh, policies;
  setting.PoliciesAlone();
  for (int round = 0; round < rounds; ++round) {
    reused.push_back(Microseconds([&] { setting.Reused(); }) / count);
    policies.push_back(Microseconds([&] { setting.PoliciesAlone(); }) / count);
    fresh.push_back(Microseconds([&] { setting.Fresh(); }) / count);
  }
  const auto a_decision = [&](uint64_t all) { return static_cast<double>(all) / count; };
  std::printf(
      "  \"%zu\": {\"reused_us\": %.3f, \"fresh_us\": %.3f, \"policies_us\": %.3f, "
      "\"reused_allocations\": %.3f, \"fresh_allocations\": %.3f}%s\n",
      rows, Median(reused), Median(fresh), Median(policies),
      a_decision(Allocations([&] { setting.Reused(); })),
      a_decision(Allocations([&] { setting.Fresh(); })), last ? "" : ",");
}

}  // namespace
}  // namespace tenure::decision

int main(int argc, char** argv) {
  int rounds = 7;
  std::vector<size_t> sizes = {1, 32, 1'000};
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &rounds)) return 2;
  if (argc > 2) {
    sizes.resize(1);
    if (!absl::SimpleAtoi(argv[2], &sizes[0])) return 2;
  }
  std::printf("{\n");
  for (const size_t rows : sizes) {
    tenure::decision::Measure(rows, rounds, rows == sizes.back());
  }
  std::printf("}\n");
  return 0;
}
