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

// Static functions over one Proposals.
class ProposalCheck {
 public:
  // Sizes `out`, copies the mask without the rows that lack a required value, whose cells become
  // kFilteredMissing, and covers the eligible cells with a poison pattern.
  static void Prepare(const Plugin& plugin, absl::Span<const tenure_column> columns,
                      absl::Span<const uint8_t> eligible, size_t rows, size_t offers,
                      Proposals* out);
  // The arrays of `out` as the plugin sees them.
  static tenure_result Result(Proposals* out);
  static const uint8_t* Mask(const Proposals& out) { return out.eligible_.data(); }
  // Copies what passes; a cell that does not is kError with its fault. Returns how many are kError.
  static size_t Accept(Proposals* out);
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_PROPOSAL_CHECK_H_
