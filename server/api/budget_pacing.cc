#include "server/api/budget_pacing.h"

#include <cmath>

#include "server/api/names.h"
#include "server/api/values.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;

v1::Pacing::State StateOf(const engine::PacingStatus& status) {
  switch (status.in_force.state) {
    case journal::PacingState::kBegins:
      return v1::Pacing::STATE_BEGINS;
    case journal::PacingState::kFollows:
      return v1::Pacing::STATE_FOLLOWS;
    case journal::PacingState::kQuiet:
      return v1::Pacing::STATE_QUIET;
    case journal::PacingState::kGap:
      return v1::Pacing::STATE_GAP;
    case journal::PacingState::kStale:
      return v1::Pacing::STATE_STALE;
  }
  return v1::Pacing::STATE_UNSPECIFIED;
}

void Convert(const engine::PacingStatus& from, v1::Pacing* to) {
  to->set_state(StateOf(from));
  if (from.corrected_us != 0) SetTimestamp(from.corrected_us, to->mutable_correct_time());
  if (from.last_decision_us != 0) {
    SetTimestamp(from.last_decision_us, to->mutable_last_decision_time());
  }
  to->set_missed_decisions(from.in_force.missed_arrivals);
  to->set_learned(from.learned);
  if (from.day_max_micros.has_value()) to->set_day_max_micros(*from.day_max_micros);
  to->set_day_used_micros(from.day_used_micros);
  SetTimestamp(from.day.end_us, to->mutable_day_end_time());
  for (const journal::PacingRecord::Envelope& envelope : from.in_force.envelopes) {
    v1::PacedEnvelope* const paced = to->add_envelopes();
    paced->set_path(envelope.path);
    paced->set_used_micros(envelope.spent_micros);
    paced->set_target_micros(std::llround(envelope.target_micros));
    paced->set_price_factor(envelope.factor);
    paced->set_pass_share(envelope.pass_share);
  }
}

}  // namespace

void SetPacing(const std::vector<engine::PacingStatus>& statuses,
               std::vector<v1::Budget>* budgets) {
  for (v1::Budget& budget : *budgets) {
    for (const engine::PacingStatus& status : statuses) {
      if (budget.name() == Name(kBudgets, status.budget)) {
        Convert(status, budget.mutable_pacing());
      }
    }
  }
}

}  // namespace tenure::api
