// Pacing's bytes: what was learned and measured; which budgets are paced the rules say.
#include <cstring>
#include <utility>

#include "server/base/status.h"
#include "server/engine/pacing.h"

namespace tenure::engine {
namespace {

uint64_t BitsOf(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
double DoubleOf(uint64_t bits) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace

void Pacing::Save(Writer* out) const {
  out->U64(budgets_.size());
  for (const Paced& paced : budgets_) {
    const budget::PacedBudget::State state = paced.budget.state();
    for (const double value : state.hours.arrivals) out->U64(BitsOf(value));
    for (const double value : state.hours.watched) out->U64(BitsOf(value));
    out->I64(state.last_step_us);
    out->I64(state.last_arrival_us);
    out->U64(state.arrivals);
    out->U64(state.holds);
    out->I64(state.hold_micros);
    out->Text(journal::Encode(state.in_force));
    out->I64(paced.day.start_us);
    out->I64(paced.day.end_us);
    out->U64(paced.first_seq);
    out->I64(paced.used_micros);
  }
}

absl::Status Pacing::Restore(Reader* in) {
  if (in->U64() != budgets_.size()) {
    return absl::DataLossError("the state paces other budgets than its rules");
  }
  for (Paced& paced : budgets_) {
    budget::PacedBudget::State state;
    for (double& value : state.hours.arrivals) value = DoubleOf(in->U64());
    for (double& value : state.hours.watched) value = DoubleOf(in->U64());
    state.last_step_us = in->I64();
    state.last_arrival_us = in->I64();
    state.arrivals = in->U64();
    state.holds = in->U64();
    state.hold_micros = in->I64();
    TENURE_ASSIGN_OR_RETURN(state.in_force, journal::Decode<journal::PacingRecord>(in->Text()));
    paced.budget = budget::PacedBudget(std::move(state));
    paced.day.start_us = in->I64();
    paced.day.end_us = in->I64();
    paced.first_seq = in->U64();
    paced.used_micros = in->I64();
  }
  return in->ok() ? absl::OkStatus() : absl::DataLossError("the state of pacing is cut short");
}

}  // namespace tenure::engine
