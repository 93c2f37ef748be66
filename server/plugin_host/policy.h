// A plugin with its parameters and its offers: what values them for a batch of customers.
#ifndef TENURE_SERVER_PLUGIN_HOST_POLICY_H_
#define TENURE_SERVER_PLUGIN_HOST_POLICY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/plugin_host/offer_spec.h"
#include "server/plugin_host/plugin.h"
#include "server/plugin_host/proposals.h"

struct tenure_policy;

namespace tenure::plugin_host {

class WorkerPool;

// Immutable; thread-safe: any number of threads may propose at once, each with a worker of its own
// from the policy's pool.
class Policy {
 public:
  // INVALID_ARGUMENT listing every problem of the parameters or of an offer; or what the plugin
  // itself says of them.
  static absl::StatusOr<std::shared_ptr<const Policy>> Create(std::shared_ptr<const Plugin> plugin,
                                                              absl::string_view canonical_json,
                                                              std::vector<OfferSpec> offers);
  ~Policy();
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  const Plugin& plugin() const { return *plugin_; }
  const std::vector<OfferSpec>& offers() const { return offers_; }

  // Proposes for all rows × all offers in one call of the plugin, and checks what it wrote.
  // `eligible`: row-major rows × offers bytes, 0 or 1. `row_seed`: one per row. The batch needs the
  // plugin's columns by name and type; more are ignored. `limit_us`: how long the call may take,
  // 0 for any time; it is looked at after the call, since nothing interrupts code in this process.
  // Failed cells and missing values are in the cells' status. A call that failed as a
  // whole is an error: INVALID_ARGUMENT (shapes, a column the batch lacks), DEADLINE_EXCEEDED, or
  // what the plugin returned; `out` then holds nothing.
  absl::Status Propose(const Batch& batch, absl::Span<const uint8_t> eligible,
                       absl::Span<const uint64_t> row_seed, int64_t decision_time_us,
                       int64_t limit_us, Proposals* out) const;

  // In words why a cell is not kOk, naming plugin, row and offer; empty when it is.
  std::string Explain(const Proposals& proposals, size_t row, size_t offer) const;

 private:
  Policy(std::shared_ptr<const Plugin> plugin, std::vector<OfferSpec> offers);
  void LogRefused(const Proposals& proposals, size_t refused) const;

  const std::shared_ptr<const Plugin> plugin_;
  const std::vector<OfferSpec> offers_;
  tenure_policy* policy_ = nullptr;
  std::unique_ptr<WorkerPool> workers_;
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_POLICY_H_
