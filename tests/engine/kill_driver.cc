// The process that the kill test kills: an engine under load of several client threads. Every line
// on standard output is written after its answer has come, by one write each.
//   event <event id> | decision <request id> <seq> <hold or 0> <hash of the record> | commit <hold>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
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

void Client(Shop* shop, int run, int number) {
  Random random(static_cast<uint64_t>(run * 100 + number));
  for (int i = 0;; ++i) {
    const std::string name = absl::StrCat(run, "-", number, "-", i);
    const std::string customer = absl::StrCat("c", random.Below(50));
    if (random.Below(2) == 0) {
      const auto result = shop->Ingest({Purchase(customer, name)});
      if (result.ok() && result->statuses[0] == EventStatus::kAccepted) Say("event " + name);
      continue;
    }
    const auto decision = shop->Decide(customer, name);
    if (!decision.ok()) continue;
    const uint64_t hold = HoldOf(decision);
    Say(absl::StrCat("decision ", name, " ", decision->seq, " ", hold, " ",
                     StableHash(journal::Encode(decision->record))));
    if (hold != 0 && shop->CommitHold(hold, 1'000'000, name).ok()) {
      Say(absl::StrCat("commit ", hold));
    }
  }
}

int Main(const std::string& dir, int run) {
  Shop shop;
  Options options = shop.options();
  options.data_dir = dir;
  options.snapshot_every = 300;
  shop.Open(options);
  if (run == 0) TENURE_CHECK(shop.Publish(ShopRules(2'000)).ok());
  for (int c = 0; c < 50; ++c) {
    TENURE_CHECK(
        shop.Ingest({Purchase(absl::StrCat("c", c), absl::StrCat("first-", run, "-", c))}).ok());
  }
  Say("ready");
  std::vector<std::thread> clients;
  for (int number = 0; number < 4; ++number) {
    clients.emplace_back([&shop, run, number] { Client(&shop, run, number); });
  }
  for (std::thread& client : clients) client.join();
  return 0;
}

}  // namespace
}  // namespace tenure::engine

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return tenure::engine::Main(argv[1], std::atoi(argv[2]));
}
