// The workers of a policy: the plugin's scratch space, of which a thread has one to itself.
#ifndef TENURE_SERVER_PLUGIN_HOST_WORKER_POOL_H_
#define TENURE_SERVER_PLUGIN_HOST_WORKER_POOL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugins/abi/tenure_plugin.h"
#include "server/base/mutex.h"
#include "server/batch/batch.h"
#include "server/plugin_host/call_error.h"
#include "server/plugin_host/plugin.h"

namespace tenure::plugin_host {

// A plugin's worker with the host's side of the same call: where the plugin's columns stand in the
// batches seen last, and their views. Used by one thread at a time.
class Worker {
 public:
  Worker(const Plugin* plugin, const tenure_policy* policy) : plugin_(plugin), policy_(policy) {}
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  absl::Status Start();
  tenure_worker* handle() const { return handle_; }
  CallError& error() { return error_; }
  // Points columns() at the batch. INVALID_ARGUMENT naming a column that the batch lacks or has in
  // another type; one that is not required may be absent, and is then without values.
  absl::Status Bind(const Batch& batch);
  const std::vector<tenure_column>& columns() const { return columns_; }

 private:
  struct Strings {
    uint64_t id = 0;
    std::vector<tenure_str> entries;
    tenure_dict dict{};
  };
  static constexpr size_t kAbsent = ~size_t{0};
  absl::Status BindSchema(const std::shared_ptr<const Schema>& schema);
  void BindAbsent(size_t rows, tenure_column* column);

  const Plugin* const plugin_;
  const tenure_policy* const policy_;
  tenure_worker* handle_ = nullptr;
  CallError error_;
  std::shared_ptr<const Schema> schema_;  // held, so that its address is not used again
  std::vector<size_t> index_;             // by the plugin's column
  std::vector<tenure_column> columns_;
  std::vector<Strings> strings_;  // by the plugin's column
  std::vector<uint64_t> zeros_;   // stands in for an absent column
};

// Thread-safe.
class WorkerPool {
 public:
  WorkerPool(const Plugin* plugin, const tenure_policy* policy)
      : plugin_(plugin), policy_(policy) {}

  // A free worker, or a new one; what the plugin says when it can't make one.
  absl::StatusOr<std::unique_ptr<Worker>> Take();
  void Return(std::unique_ptr<Worker> worker);

 private:
  const Plugin* const plugin_;
  const tenure_policy* const policy_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Worker>> free_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_WORKER_POOL_H_
