#include "server/plugin_host/proposals.h"

#include <algorithm>

namespace tenure::plugin_host {

void Proposals::Reset(size_t rows, size_t offers) {
  rows_ = rows;
  offers_ = offers;
  const size_t cells = rows * offers;
  if (cells <= cells_.size()) return;
  cells_.resize(cells);
  doubles_.resize(5 * cells);
  liability_.resize(cells);
  reason_.resize(cells);
  bytes_.resize(2 * cells);
  eligible_.resize(cells);
}

}  // namespace tenure::plugin_host
