// Between the plugin and the house: what it is handed to write into, and what of that may pass.
#ifndef TENURE_SERVER_PLUGIN_HOST_PROPOSAL_CHECK_H_
#define TENURE_SERVER_PLUGIN_HOST_PROPOSAL_CHECK_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "plugins/abi/tenure_plugin.h"
#include "server/plugin_host/plugin.h"
#include "server/plugin_host/proposals.h"

namespace tenure::plugin_host {

// Units as micros, rounded up, but not for the last bits of a product. 0 below 0.
int64_t CostMicros(double units);

// Static functions over one Proposals.
class ProposalCheck {
 public:
  // Sizes `out`, copies the mask without the rows that lack a required value, and covers the cells
  // with a poison pattern.
  static void Prepare(const Plugin& plugin, absl::Span<const tenure_column> columns,
                      absl::Span<const uint8_t> eligible, size_t rows, size_t offers,
                      Proposals* out);
  // The arrays of `out` as the plugin sees them.
  static tenure_result Result(Proposals* out);
  static const uint8_t* Mask(const Proposals& out) { return out.eligible_.data(); }
  // Lets stand what passes. Of what does not, nothing is left but the status and the reason: a cell
  // that the plugin declined, that has a fault, that lacked a value (of those the mask asked for),
  // or that was not asked for. Returns how many are kError.
  static size_t Accept(absl::Span<const uint8_t> eligible, Proposals* out);
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_PROPOSAL_CHECK_H_
