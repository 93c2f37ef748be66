// Durable events a second through the engine, in this process, against the sqlite3 shell that
// inserts the same rows into the same table in one transaction, from SQL text and by copying
// them from the journal itself (no text to parse: the harder baseline). Interleaved, median of
// three; the journal's rows are counted. Usage: ingest_bench [events].
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/engine/engine.h"

namespace tenure::engine {
namespace {

constexpr int64_t kStartUs = 17'532 * kMicrosPerDay;
constexpr size_t kChunk = 1'000;
constexpr size_t kCustomers = 20'000;

std::vector<std::vector<journal::EventRecord>> Chunks(size_t events) {
  std::vector<std::vector<journal::EventRecord>> chunks;
  for (size_t i = 0; i < events; ++i) {
    if (i % kChunk == 0) chunks.emplace_back();
    journal::EventRecord& event = chunks.back().emplace_back();
    event.source = "shop";
    event.event_id = absl::StrCat("order-", i);
    event.customer_id = absl::StrCat("customer-", i % kCustomers);
    event.happened_us = kStartUs - static_cast<int64_t>(events - i) * 1'000'000;
    event.amount_micros = static_cast<int64_t>(i % 100 + 1) * 1'000'000;
    event.category = "shoes";
  }
  return chunks;
}

double IngestSeconds(const std::string& dir, std::vector<std::vector<journal::EventRecord>> chunks,
                     size_t events) {
  FakeClock clock(kStartUs);
  Options options;
  options.data_dir = dir;
  options.clock = &clock;
  options.plugins = std::make_shared<const plugin_host::Registry>();
  auto engine = Engine::Open(options);
  TENURE_CHECK(engine.ok());
  const int64_t from_us = MonotonicUs();
  std::vector<std::future<absl::StatusOr<IngestResult>>> waiting;
  for (auto& chunk : chunks) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<IngestResult>>>();
    waiting.push_back(promise->get_future());
    // As the stream does it: at most four chunks unacknowledged.
    if (waiting.size() > 4) TENURE_CHECK(waiting[waiting.size() - 5].get().ok());
    (*engine)->Ingest(std::move(chunk),
                      [promise](auto result) { promise->set_value(std::move(result)); });
  }
  for (auto& future : waiting) {
    if (future.valid()) TENURE_CHECK(future.get().ok());
  }
  const double seconds = static_cast<double>(MonotonicUs() - from_us) / 1e6;
  TENURE_CHECK((*engine)->health().last_seq == events);
  return seconds;
}

double ShellSeconds(const std::string& command) {
  const int64_t from_us = MonotonicUs();
  TENURE_CHECK(std::system(command.c_str()) == 0);
  return static_cast<double>(MonotonicUs() - from_us) / 1e6;
}

int Main(size_t events) {
  std::vector<double> ours, shell, copy;
  for (int round = 0; round < 3; ++round) {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/ingestXXXXXX";
    TENURE_CHECK(mkdtemp(pattern.data()) != nullptr);
    ours.push_back(IngestSeconds(pattern, Chunks(events), events));
    const std::string dump = pattern + "/dump.sql";
    // The dump is one transaction already; the same journal mode makes the two comparable.
    const std::string command =
        absl::StrCat("(echo 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;'; sqlite3 ",
                     pattern, "/journal.sqlite .dump) > ", dump);
    TENURE_CHECK(std::system(command.c_str()) == 0);
    shell.push_back(
        ShellSeconds(absl::StrCat("sqlite3 ", pattern, "/shell.sqlite < ", dump, " > /dev/null")));
    copy.push_back(ShellSeconds(absl::StrCat(
        "(echo 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;'; sqlite3 ", pattern,
        "/journal.sqlite .schema; echo \"ATTACH '", pattern,
        "/journal.sqlite' AS j; INSERT INTO journal SELECT * FROM j.journal;\") | sqlite3 ",
        pattern, "/copy.sqlite > /dev/null")));
    std::filesystem::remove_all(pattern);
  }
  std::sort(ours.begin(), ours.end());
  std::sort(shell.begin(), shell.end());
  std::sort(copy.begin(), copy.end());
  const double count = static_cast<double>(events);
  std::printf("engine %.0f events/s; sqlite3 shell from SQL text %.0f rows/s, ratio %.2f; ",
              count / ours[1], count / shell[1], shell[1] / ours[1]);
  std::printf("by INSERT … SELECT %.0f rows/s, ratio %.2f (%zu events, %zu customers)\n",
              count / copy[1], copy[1] / ours[1], events, kCustomers);
  return 0;
}

}  // namespace
}  // namespace tenure::engine

int main(int argc, char** argv) {
  size_t events = 200'000;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &events)) return 2;
  return tenure::engine::Main(events);
}
