// The configuration of tenured: one YAML file, everything wrong with it reported at once.
#ifndef TENURE_SERVER_MAIN_CONFIG_H_
#define TENURE_SERVER_MAIN_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/limits.h"
#include "server/journal/journal.h"

namespace tenure::daemon {

struct ConfiguredTime {
  int64_t start_us = 0;
  double rate = 1;  // × real time; 0 stands still
};

struct Config {
  std::string listen = "127.0.0.1:7878";
  std::string data_dir;  // required
  std::string rules;     // folder published when no rule set is in force; empty: none
  std::string plugins;   // folder of .so files; empty: beside the binary, ../lib/tenure/plugins
  journal::Durability durability = journal::Durability::kProcess;
  uint64_t snapshot_every = 1'000'000;  // entries between two snapshots
  int decision_threads = 2;
  int workers = 2;
  std::optional<ConfiguredTime> clock;  // none: the machine's
  std::vector<std::string> callers;     // empty: anybody
  int64_t drain_ms = 10'000;
  std::string log_level = "info";
  size_t open_calls = 16'384;
  Limits limits;
  // Where a folder was named, as "tenured.yaml:9:8: `rules`"; empty where it was not. For errors
  // that only using it can show.
  std::string data_dir_at, rules_at, plugins_at;
};

// Reads a configuration. Relative paths count from the file's own folder. NOT_FOUND, or
// INVALID_ARGUMENT with every problem as file:line:column, source line and caret.
absl::StatusOr<Config> ReadConfig(const std::string& path);

}  // namespace tenure::daemon

#endif  // TENURE_SERVER_MAIN_CONFIG_H_
