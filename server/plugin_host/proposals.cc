#include "server/plugin_host/proposals.h"

#include <algorithm>

#include "server/plugin_host/proposal_check.h"

namespace tenure::plugin_host {

void Proposals::Reset(size_t rows, size_t offers) {
  rows_ = rows;
  offers_ = offers;
  missing_.clear();
  const size_t cells = rows * offers;
  if (cells <= liability_.size()) return;
  doubles_.resize(5 * cells);
  liability_.resize(cells);
  reason_.resize(cells);
  basis_.resize(cells);
  status_.resize(cells);
  eligible_.resize(cells);
}

ProposalColumns Proposals::columns() const {
  const size_t cells = rows_ * offers_;
  const double* const doubles = doubles_.data();
  return {doubles,
          doubles + cells,
          doubles + 2 * cells,
          doubles + 3 * cells,
          doubles + 4 * cells,
          liability_.data(),
          basis_.data(),
          status_.data(),
          reason_.data()};
}

Proposal Proposals::at(size_t row, size_t offer) const {
  const size_t i = row * offers_ + offer;
  const ProposalColumns c = columns();
  Proposal cell;
  cell.gross_value = c.gross_value[i];
  cell.value_stderr = c.value_stderr[i];
  cell.p_baseline = c.p_baseline[i];
  cell.p_treated = c.p_treated[i];
  cell.expected_cost = c.expected_cost[i];
  cell.expected_cost_micros = CostMicros(cell.expected_cost);
  cell.liability_micros = c.liability_micros[i];
  cell.basis = c.basis[i];
  cell.status = c.status[i];
  cell.reason = c.reason[i];
  return cell;
}

}  // namespace tenure::plugin_host
