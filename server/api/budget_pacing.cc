#include "server/api/budget_pacing.h"

#include <cmath>

#include "absl/strings/match.h"
#include "server/api/budget_balances.h"
#include "server/api/names.h"
#include "server/api/values.h"
#include "server/base/time.h"

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

// The part of its money that an envelope should have used by now: of its segment by the curve, of
// the whole by the sum of its segments'.
double ShareOf(const std::string& path, const journal::PacingRecord& in_force) {
  double target = 0, limit = 0;
  for (const journal::PacingRecord::Envelope& segment : in_force.envelopes) {
    const bool own = path == segment.path || absl::StartsWith(path, segment.path + "/");
    const auto money = static_cast<double>(segment.limit_micros);
    if (own) return money > 0 ? segment.target_micros / money : 0;
    target += segment.target_micros;
    limit += money;
  }
  return limit > 0 ? target / limit : 0;
}

// Pace by the curve in place of time.
void PaceByCurve(const engine::PacingStatus& status, v1::Budget* budget) {
  if (status.in_force.envelopes.empty()) return;
  for (v1::Envelope& envelope : *budget->mutable_envelopes()) {
    SetPace(ShareOf(envelope.path(), status.in_force), &envelope);
  }
}

}  // namespace

void SetPacing(const std::vector<engine::PacingStatus>& statuses, int64_t now_us,
               std::vector<v1::Budget>* budgets) {
  for (v1::Budget& budget : *budgets) {
    if (now_us >= budget.end_time().seconds() * kMicrosPerSecond) continue;
    for (const engine::PacingStatus& status : statuses) {
      if (budget.name() == Name(kBudgets, status.budget)) {
        Convert(status, budget.mutable_pacing());
        PaceByCurve(status, &budget);
      }
    }
  }
}

}  // namespace tenure::api
