// Transactions a second of a simulated shop, drawn, formatted and written to a file, against
// writing the same bytes from memory.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "clients/cli/simulated_files.h"
#include "server/base/status.h"
#include "server/clv/shop_simulator.h"

namespace tenure {
namespace {

// A file of its own in a folder of its own, both gone afterwards.
class ScratchFile {
 public:
  ScratchFile() {
    TENURE_CHECK(mkdtemp(folder_) != nullptr);
    path_ = std::string(folder_) + "/orders.csv";
  }
  ~ScratchFile() {
    std::remove(path_.c_str());
    std::remove(folder_);
  }
  const std::string& path() const { return path_; }

 private:
  char folder_[32] = "/tmp/tenure-simulate-XXXXXX";
  std::string path_;
};

enum Kind : int64_t { kPlain, kSeason, kCampaigns, kCovariates };
constexpr const char* kNames[] = {"plain", "season", "campaigns", "covariates"};

clv::ShopSimulator ShopOf(int64_t kind) {
  clv::Scenario scenario;
  scenario.model = "mbg_nbd";
  scenario.parameters = {0.525, 6.183, 0.891, 1.614};
  scenario.spend = {6.25, 3.74, 15.44};
  scenario.length = 104;
  scenario.joining = 52;
  if (kind == kSeason) TENURE_CHECK(scenario.season.AddSine(0.3, 182).ok());
  if (kind == kCampaigns) {
    clv::CampaignEffect campaign;
    for (int day = 28; day < 728; day += 28) campaign.days.push_back(day);
    campaign.uplift = 0.3;
    campaign.holdout = 0.1;
    campaign.retention = 0.1;
    scenario.campaigns = {campaign};
  }
  if (kind == kCovariates) {
    scenario.covariates.columns = {
        {"channel", clv::CovariateColumn::Distribution::kBernoulli, 0.4, 0}};
    scenario.covariates.coefficients = {{"alpha:channel", 0.5}};
  }
  return *clv::ShopSimulator::Create(std::move(scenario));
}

uint64_t Simulate(const clv::ShopSimulator& shop, uint64_t customers, const std::string& path) {
  cli::SimulatedFiles files(&shop, {path, "", "", ""}, 0.3);
  clv::ShopCustomer customer;
  for (uint64_t i = 0; i < customers; ++i) {
    shop.Draw(i, &customer);
    files.Write(i, customer);
  }
  TENURE_CHECK(files.Finish().ok());
  return files.totals().purchases;
}

double SecondsToWrite(const std::string& bytes) {
  const ScratchFile file;
  const auto start = std::chrono::steady_clock::now();
  std::FILE* const out = std::fopen(file.path().c_str(), "wb");
  TENURE_CHECK(out != nullptr);
  TENURE_CHECK(std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size());
  std::fclose(out);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// items: transactions. fwrites: its time over that of one fwrite of the whole file from memory.
void BM_Simulate(benchmark::State& state) {
  constexpr uint64_t kCustomers = 50'000;
  const clv::ShopSimulator shop = ShopOf(state.range(0));
  const ScratchFile file;
  uint64_t transactions = Simulate(shop, kCustomers, file.path());
  std::ifstream written(file.path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(written), {}};
  const double plain = SecondsToWrite(bytes);
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) transactions = Simulate(shop, kCustomers, file.path());
  const double elapsed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(transactions));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
  state.counters["fwrites"] = elapsed / static_cast<double>(state.iterations()) / plain;
  state.SetLabel(kNames[state.range(0)]);
}
BENCHMARK(BM_Simulate)->DenseRange(kPlain, kCovariates)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenure
