// The process that the kill test kills: an engine under load of several client threads, while time
// passes in ticks of many slices. Every line on standard output is written after its answer has
// come, by one write each.
//   event <event id> | decision <request id> <seq> <hold or 0> <hash of the record> | commit <hold>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/base/status.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

void Say(const std::string& line) {
  const std::string text = line + "\n";
  if (write(STDOUT_FILENO, text.data(), text.size()) < 0) std::_Exit(1);
}

constexpr int kCustomers = 50;

// Of the customer's every purchase, so that one after the other falls silent while time passes.
journal::EventRecord PurchaseOf(uint64_t customer, const std::string& event_id) {
  return Purchase(
      absl::StrCat("c", customer), event_id,
      kStartUs - 23 * kMicrosPerDay - static_cast<int64_t>(customer) * 5 * kMicrosPerHour);
}

[[noreturn]] void PassTime(Shop* shop) {
  for (;;) {
    shop->clock.Advance(kMicrosPerHour / 6);
    shop->Tick().status().IgnoreError();
    usleep(1'000);
  }
}

void Client(Shop* shop, int run, int number) {
  Random random(static_cast<uint64_t>(run * 100 + number));
  for (int i = 0;; ++i) {
    const std::string name = absl::StrCat(run, "-", number, "-", i);
    const uint64_t who = random.Below(kCustomers);
    if (random.Below(2) == 0) {
      const auto result = shop->Ingest({PurchaseOf(who, name)});
      if (result.ok() && result->statuses[0] == EventStatus::kAccepted) Say("event " + name);
      continue;
    }
    const auto decision = shop->Decide(absl::StrCat("c", who), name);
    if (!decision.ok()) continue;
    const uint64_t hold = HoldOf(decision);
    Say(absl::StrCat("decision ", name, " ", decision->seq, " ", hold, " ",
                     StableHash(journal::Encode(decision->record))));
    if (hold != 0 && shop->CommitHold(hold, 1'000'000, name).ok()) {
      Say(absl::StrCat("commit ", hold));
    }
  }
}

// Time passes in steps of ten minutes here: prices are corrected at every one of them.
std::shared_ptr<const rules::RuleSet> PacedRules() {
  return ShopRulesOf(absl::StrReplaceAll(
      ShopYaml(2'000), {{"    unplanned: 0\n", "    unplanned: 0\n    pacing: {day_max: 900}\n"}}));
}

[[noreturn]] void Main(const std::string& dir, int run) {
  Shop shop;
  Options options = shop.options();
  options.data_dir = dir;
  options.snapshot_every = 300;
  options.limits.customers_per_tick = 3;
  shop.clock.Advance(run * 8 * kMicrosPerHour);
  shop.Open(options);
  if (run == 0) TENURE_CHECK(shop.Publish(PacedRules()).ok());
  for (uint64_t c = 0; c < kCustomers; ++c) {
    TENURE_CHECK(shop.Ingest({PurchaseOf(c, absl::StrCat("first-", run, "-", c))}).ok());
  }
  Say("ready");
  std::vector<std::thread> clients;
  for (int number = 0; number < 4; ++number) {
    clients.emplace_back([&shop, run, number] { Client(&shop, run, number); });
  }
  PassTime(&shop);
}

}  // namespace
}  // namespace tenure::engine

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  tenure::engine::Main(argv[1], std::atoi(argv[2]));
}
