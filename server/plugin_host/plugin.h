// One loaded version of a plugin: what it says of itself, and the check of its parameters.
#ifndef TENURE_SERVER_PLUGIN_HOST_PLUGIN_H_
#define TENURE_SERVER_PLUGIN_HOST_PLUGIN_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/log.h"
#include "server/batch/schema.h"
#include "server/plugin_host/call_watch.h"
#include "server/plugin_host/config_schema.h"
#include "server/plugin_host/fault_log.h"

struct tenure_plugin;

namespace tenure::plugin_host {

// A feature column that a plugin reads. A row without a required value is not proposed for.
struct ColumnNeed {
  std::string name;
  DType dtype = DType::kDouble;
  bool required = true;
};

// Why a plugin declines an offer: the number in a proposal, and its words.
struct Reason {
  int32_t code = 0;
  std::string text;
};

// Immutable; thread-safe. The code it loaded is never unmapped.
class Plugin {
 public:
  // Reads, checks and loads the shared object at `path`: ELF checks first, then the manifest beside
  // it (`<name>.plugin.json`) where there is one, then what the plugin says of itself.
  // FAILED_PRECONDITION with one sentence: the file, what was found, what is accepted, the remedy.
  // Loading the same bytes again shares the code. `log` hears the path before any of its code runs,
  // and later what goes wrong with its calls, each reason at most once a minute. Thread-safe.
  static absl::StatusOr<std::shared_ptr<const Plugin>> Load(const std::string& path,
                                                            LogSink log = {});

  const std::string& path() const { return path_; }
  const std::string& sha256() const { return sha256_; }
  const std::string& id() const { return id_; }
  const std::string& version() const { return version_; }
  const std::string& vendor() const { return vendor_; }
  const std::string& description() const { return description_; }
  const std::vector<std::string>& stages() const { return stages_; }
  // Feature columns it reads, in the order in which it is handed them.
  const std::vector<ColumnNeed>& columns() const { return columns_; }
  const std::vector<Reason>& reasons() const { return reasons_; }
  // The JSON Schema of its parameters.
  const std::string& config_schema_json() const { return config_schema_json_; }

  // Every problem of these parameters with its JSON pointer; empty when they are right.
  std::vector<ConfigProblem> CheckConfig(absl::string_view canonical_json) const;

  // The function table; for the runtime of this folder.
  const tenure_plugin& table() const { return *table_; }
  FaultLog& faults() const { return faults_; }
  CallWatch& calls() const { return calls_; }

 private:
  Plugin(std::string path, LogSink log) : path_(std::move(path)), faults_(std::move(log)) {}
  absl::Status Describe();

  const tenure_plugin* table_ = nullptr;
  std::string path_, sha256_, id_, version_, vendor_, description_, config_schema_json_;
  std::vector<std::string> stages_;
  std::vector<ColumnNeed> columns_;
  std::vector<Reason> reasons_;
  std::unique_ptr<const ConfigSchema> schema_;
  mutable FaultLog faults_;
  mutable CallWatch calls_;
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_PLUGIN_H_
