#include "server/main/config.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/time.h"
#include "server/rules/compiler.h"
#include "server/rules/map_reader.h"
#include "server/rules/problems.h"
#include "server/rules/yaml_document.h"

namespace tenure::daemon {
namespace {

using rules::MapReader;
using rules::ProblemList;

constexpr int64_t kMostThreads = 256;
constexpr int64_t kMostEntries = 1'000'000'000;
constexpr int64_t kLastStartUs = 3'755'376'000 * kMicrosPerSecond;  // 2089-01-01

void ReadThreads(MapReader* map, ProblemList* problems, Config* config) {
  const rules::Node* const node = map->Find("threads");
  if (node == nullptr) return;
  MapReader threads(*node, "`threads`", problems);
  int64_t count = config->decision_threads;
  if (threads.Whole("decisions", 1, kMostThreads, &count)) {
    config->decision_threads = static_cast<int>(count);
  }
  count = config->workers;
  if (threads.Whole("workers", 1, kMostThreads, &count)) config->workers = static_cast<int>(count);
  threads.Finish();
}

void ReadLimits(MapReader* map, ProblemList* problems, Config* config) {
  const rules::Node* const node = map->Find("limits");
  if (node == nullptr) return;
  MapReader limits(*node, "`limits`", problems);
  const auto size = [&](const char* key, int64_t most, size_t* out) {
    int64_t value = 0;
    if (limits.Whole(key, 1, most, &value)) *out = static_cast<size_t>(value);
  };
  size("message_bytes", 1 << 30, &config->limits.message_bytes);
  size("open_calls", 1 << 20, &config->open_calls);
  size("batch_decide_rows", 100'000, &config->limits.batch_decide_rows);
  // Programs send chunks of 2,000 without asking first, `tenure import` among them.
  int64_t events = 0;
  if (limits.Whole("events_per_chunk", 2'000, 1'000'000, &events)) {
    config->limits.events_per_chunk = static_cast<size_t>(events);
  }
  size("queue_depth", 1 << 24, &config->limits.queue_depth);
  size("request_ids_kept", 1 << 30, &config->limits.request_ids_kept);
  limits.Whole("deadline_ms", 1, 3'600'000, &config->limits.deadline_ms);
  limits.Whole("plugin_call_ms", 1, 60'000, &config->limits.plugin_call_ms);
  const rules::Node* const rows = limits.Find("batch_decide_rows");
  const rules::Node* const depth = limits.Find("queue_depth");
  if (config->limits.batch_decide_rows > config->limits.queue_depth) {
    problems->Error(
        (rows != nullptr    ? rows
         : depth != nullptr ? depth
                            : node)
            ->mark,
        absl::StrCat("a batch of ", config->limits.batch_decide_rows,
                     " rows would never be taken: `queue_depth` is ", config->limits.queue_depth),
        "let `batch_decide_rows` be at most `queue_depth`");
  }
  limits.Finish();
}

bool IsLoopback(absl::string_view listen) {
  return absl::StartsWith(listen, "127.") || absl::StartsWith(listen, "localhost:") ||
         absl::StartsWith(listen, "[::1]:");
}

void ReadClock(MapReader* map, ProblemList* problems, Config* config) {
  const rules::Node* const node = map->Find("clock");
  if (node == nullptr) return;
  MapReader clock(*node, "`clock`", problems);
  ConfiguredTime time;
  clock.Require("start");
  if (clock.Instant("start", &time.start_us) &&
      (time.start_us < 0 || time.start_us >= kLastStartUs)) {
    problems->Error(clock.Find("start")->mark, "must lie in the years 1970 to 2088",
                    "the journal counts the hours since 1970, up to 2089");
  }
  clock.Number("rate", 0, 1e6, &time.rate);
  clock.Finish();
  if (!IsLoopback(config->listen)) {
    problems->Error(
        node->mark,
        absl::StrCat("a configured clock is for demos and tests, on loopback only; this "
                     "server listens on ",
                     config->listen),
        "remove `clock`, or listen on 127.0.0.1");
  }
  config->clock = time;
}

// gRPC takes an address without a port for one of port 443.
void CheckListen(MapReader* map, const std::string& listen, ProblemList* problems) {
  const rules::Node* const node = map->Find("listen");
  if (node == nullptr) return;
  const size_t colon = listen.rfind(':');
  int port = -1;
  const bool right = colon != std::string::npos && colon > 0 &&
                     absl::SimpleAtoi(listen.substr(colon + 1), &port) && port >= 0 &&
                     port <= 65'535 && (listen[0] == '[') == (listen[colon - 1] == ']') &&
                     (listen[0] == '[' || listen.find(':') == colon);
  if (right) return;
  problems->Error(node->mark,
                  absl::StrCat("`listen` is an address and a port; \"", listen, "\" is not"),
                  "write it as in 127.0.0.1:7878 or \"[::1]:7878\"; port 0 takes any free one");
}

void ReadTop(const rules::Node& root, const std::filesystem::path& folder, ProblemList* problems,
             Config* config) {
  MapReader map(root, "the configuration", problems);
  const auto path = [&](const char* key, std::string* out, std::string* at) {
    std::string text;
    if (!map.Text(key, &text)) return;
    *out = (folder / text).lexically_normal().string();
    const rules::Mark& mark = map.Find(key)->mark;
    *at = absl::StrCat(mark.file, ":", mark.line, ":", mark.column, ": `", key, "`");
  };
  if (map.Text("listen", &config->listen)) CheckListen(&map, config->listen, problems);
  map.Require("data_dir");
  path("data_dir", &config->data_dir, &config->data_dir_at);
  path("rules", &config->rules, &config->rules_at);
  path("plugins", &config->plugins, &config->plugins_at);
  map.Choice<journal::Durability>(
      "durability",
      {{"process", journal::Durability::kProcess}, {"power_loss", journal::Durability::kPowerLoss}},
      &config->durability);
  int64_t entries = 0;
  if (map.Whole("snapshot_every", 1, kMostEntries, &entries)) {
    config->snapshot_every = static_cast<uint64_t>(entries);
  }
  map.Choice<std::string>(
      "log_level", {{"debug", "debug"}, {"info", "info"}, {"warn", "warn"}, {"error", "error"}},
      &config->log_level);
  int64_t drain_us = 0;
  if (map.Span("drain", &drain_us)) config->drain_ms = drain_us / 1'000;
  std::vector<std::pair<std::string, rules::Mark>> callers;
  map.Texts("callers", &callers);
  for (auto& [caller, mark] : callers) config->callers.push_back(std::move(caller));
  ReadThreads(&map, problems, config);
  ReadLimits(&map, problems, config);
  ReadClock(&map, problems, config);
  map.Finish();
}

}  // namespace

absl::StatusOr<Config> ReadConfig(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {  // it opens, and throws when it is read
    return absl::InvalidArgumentError(
        absl::StrCat("the configuration ", path, " is a folder; name the file in it"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(
        absl::StrCat("can't open the configuration ", path, ": ", std::strerror(errno)));
  }
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return absl::UnavailableError(absl::StrCat("can't read ", path));
  const std::vector<rules::Source> sources = {{path, text.str()}};
  ProblemList problems(sources);
  Config config;
  if (const rules::NodePtr root = rules::ParseYaml(sources[0], &problems)) {
    ReadTop(*root, std::filesystem::path(path).parent_path(), &problems, &config);
  }
  if (!problems.has_errors()) return config;
  std::string all;
  for (const rules::Problem& problem : problems.Take()) {
    absl::StrAppend(&all, all.empty() ? "" : "\n", rules::Render(problem));
  }
  return absl::InvalidArgumentError(all);
}

}  // namespace tenure::daemon
