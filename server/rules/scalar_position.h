// Where a byte of a scalar's value stands in the YAML that it was written in.
#ifndef TENURE_SERVER_RULES_SCALAR_POSITION_H_
#define TENURE_SERVER_RULES_SCALAR_POSITION_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/rules/node.h"

namespace tenure::rules {

// The offset into `source` of byte `value_offset` of the scalar's text: through quotes, escapes,
// folded lines and block scalars. `node` must have been parsed from `source`. Thread-safe.
size_t SourceOffset(const Node& node, absl::string_view source, size_t value_offset);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_SCALAR_POSITION_H_
