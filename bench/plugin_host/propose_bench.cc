// What a proposal costs behind the plugin border: the shipped policies, loaded as the server loads
// them, with the host's checks of every output. Per row of two offers.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/base/random.h"
#include "server/base/status.h"
#include "server/plugin_host/policy.h"

namespace tenure::plugin_host {
namespace {

constexpr const char* kColumns[] = {"p_alive",    "p_purchase_w", "margin_next",
                                    "spend_next", "v_revived",    "days_since_last_purchase"};

std::shared_ptr<const Policy> Load(const std::string& name) {
  const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  const auto plugin = Plugin::Load((build / "lib/tenure/plugins" / (name + ".so")).string());
  TENURE_CHECK(plugin.ok());
  OfferSpec mail, coupon;
  mail.id = "mail";
  coupon.id = "coupon";
  coupon.discount_rate = 0.1;
  coupon.max_discount_micros = 10'000'000;
  auto policy = Policy::Create(*plugin, "{}", {mail, coupon});
  TENURE_CHECK(policy.ok());
  return *policy;
}

Batch Customers(size_t rows) {
  std::vector<Field> fields;
  for (const char* name : kColumns) fields.push_back({name, DType::kDouble});
  fields.push_back({"purchases", DType::kInt64});
  Batch batch(std::make_shared<const Schema>(*Schema::Create(fields)), rows);
  Random random(3);
  for (size_t row = 0; row < rows; ++row) {
    batch.SetDouble(0, row, random.Uniform());
    batch.SetDouble(1, row, 0.3 * random.Uniform());
    for (size_t c = 2; c < fields.size() - 1; ++c) batch.SetDouble(c, row, 100 * random.Uniform());
    batch.SetInt64(fields.size() - 1, row, 1);
  }
  return batch;
}

void Propose(benchmark::State& state, const std::string& name) {
  const auto policy = Load(name);
  const auto rows = static_cast<size_t>(state.range(0));
  const Batch batch = Customers(rows);
  const std::vector<uint8_t> eligible(rows * 2, 1);
  const std::vector<uint64_t> seed(rows);
  Proposals out;
  for (auto _ : state) {
    const absl::Status status = policy->Propose(batch, eligible, seed, 0, 0, &out);
    TENURE_CHECK(status.ok());
    benchmark::DoNotOptimize(out.columns().gross_value);
  }
  for (size_t i = 0; i < rows * 2; ++i) {
    TENURE_CHECK(out.columns().status[i] == ProposalStatus::kOk);
  }
  state.counters["per_row"] =
      benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsIterationInvariantRate |
                                                        benchmark::Counter::kInvert);
}

BENCHMARK_CAPTURE(Propose, welcome, "welcome")->Arg(1)->Arg(1'000)->MinTime(0.3);
BENCHMARK_CAPTURE(Propose, win_back, "win_back")->Arg(1)->Arg(1'000)->MinTime(0.3);

}  // namespace
}  // namespace tenure::plugin_host

BENCHMARK_MAIN();
