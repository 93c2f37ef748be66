#include "server/api/decision_conversion.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "server/api/names.h"
#include "server/api/values.h"
#include "server/base/money.h"
#include "server/base/time.h"
#include "server/decision/candidates.h"
#include "server/decision/charge.h"
#include "server/decision/walk.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using journal::CandidateRecord;
using journal::Outcome;

v1::Gate ConvertGate(journal::Gate gate) {
  switch (gate) {
    case journal::Gate::kNone:
      return v1::GATE_UNSPECIFIED;
    case journal::Gate::kGlobalHoldout:
      return v1::GATE_GLOBAL_HOLDOUT;
    case journal::Gate::kSchedule:
      return v1::GATE_SCHEDULE;
    case journal::Gate::kConsent:
      return v1::GATE_CONSENT;
    case journal::Gate::kReentry:
      return v1::GATE_REENTRY;
    case journal::Gate::kStage:
      return v1::GATE_STAGE;
    case journal::Gate::kEligibility:
      return v1::GATE_ELIGIBILITY;
    case journal::Gate::kQuietHours:
      return v1::GATE_QUIET_HOURS;
    case journal::Gate::kPolicy:
      return v1::GATE_POLICY;
    case journal::Gate::kScore:
      return v1::GATE_SCORE;
    case journal::Gate::kExclusivity:
      return v1::GATE_EXCLUSIVITY;
    case journal::Gate::kCap:
      return v1::GATE_CAP;
    case journal::Gate::kBudget:
      return v1::GATE_BUDGET;
  }
  return v1::GATE_UNSPECIFIED;
}

const rules::Campaign& CampaignOf(const rules::RuleSet& rules, int32_t index) {
  return rules.campaigns[static_cast<size_t>(index)];
}

void ConvertScore(const rules::RuleSet& rules, const journal::DecisionRecord& record,
                  const CandidateRecord& from, v1::Score* out) {
  out->set_total_micros(RoundMicros(from.score));
  out->set_gross_value_micros(RoundMicros(from.gross_value));
  out->set_lever(CampaignOf(rules, from.campaign).lever);
  out->set_cost_micros(RoundMicros(from.expected_cost));
  out->set_budget_price(from.budget_price);
  out->set_budget_charge_micros(decision::ChargeMicros(CampaignOf(rules, from.campaign), from));
  out->set_slot_price_micros(RoundMicros(record.slot_price));
}

int32_t PlacementOf(const journal::DecisionRecord& record, const CandidateRecord* candidate) {
  for (size_t i = 0; i < record.selections.size(); ++i) {
    const auto chosen = static_cast<size_t>(record.selections[i].candidate);
    if (&record.candidates[chosen] == candidate) return static_cast<int32_t>(i);
  }
  return 0;
}

void ConvertLost(const rules::RuleSet& rules, const CandidateRecord* winner, v1::Lost* out) {
  if (winner == nullptr) return;
  out->set_to_campaign(CampaignOf(rules, winner->campaign).id);
  out->set_winning_score_micros(RoundMicros(winner->score));
}

void ConvertOutcome(const rules::RuleSet& rules, const journal::DecisionRecord& record,
                    const decision::CandidateView& from, v1::Candidate* out) {
  switch (from.outcome) {
    case Outcome::kSelected:
      return out->mutable_selected()->set_placement(PlacementOf(record, from.record));
    case Outcome::kLost:
      return ConvertLost(rules, decision::WinnerOver(record, *from.record), out->mutable_lost());
    case Outcome::kFiltered:
      out->mutable_filtered()->set_gate(ConvertGate(from.gate));
      out->mutable_filtered()->set_detail(std::string(from.text));
      return;
    case Outcome::kHeldOut:
      out->mutable_held_out()->set_global(from.gate == journal::Gate::kGlobalHoldout);
      return;
    case Outcome::kDeferred:
      SetTimestamp(record.quiet_until_us, out->mutable_deferred()->mutable_until());
      return;
    case Outcome::kPaced:
      out->mutable_paced()->set_detail(std::string(from.text));
      return;
    case Outcome::kError:
      out->mutable_error()->set_plugin(CampaignOf(rules, from.campaign).plugin);
      out->mutable_error()->set_detail(std::string(from.text));
      return;
  }
}

void ConvertSelection(const rules::RuleSet& rules, const journal::DecisionRecord& record,
                      const journal::SelectionRecord& from, v1::Selection* out) {
  const CandidateRecord& candidate = record.candidates[static_cast<size_t>(from.candidate)];
  const rules::Campaign& campaign = CampaignOf(rules, candidate.campaign);
  out->set_campaign(campaign.id);
  out->set_offer(campaign.offers[static_cast<size_t>(candidate.offer)].id);
  out->set_channel(campaign.channel);
  if (from.hold_id != 0) {
    out->set_hold(HoldName(from.hold_id));
    out->set_hold_micros(from.held_micros);
    out->set_asked_micros(from.asked_micros);
    SetTimestamp(from.expires_us, out->mutable_hold_expire_time());
  }
  if (from.hold_id != 0 && from.coupon_micros != 0) {
    out->set_coupon(CouponName(from.hold_id));
    out->set_coupon_micros(from.coupon_micros);
    SetTimestamp(from.coupon_expires_us, out->mutable_coupon_expire_time());
  }
  out->set_expected_cost_micros(RoundMicros(candidate.expected_cost));
  out->set_gross_value_micros(RoundMicros(candidate.gross_value));
  out->set_gross_value_stderr_micros(RoundMicros(candidate.value_stderr));
  out->set_p_baseline(candidate.p_baseline);
  out->set_p_treated(candidate.p_treated);
  if (v1::Basis_IsValid(candidate.basis)) out->set_basis(static_cast<v1::Basis>(candidate.basis));
  ConvertScore(rules, record, candidate, out->mutable_score());
  out->set_lot_probability(from.lot_probability);
}

// 0 with a violation where `name` is not `collection` and 16 lower-case hexadecimal digits.
uint64_t ParseNumber(absl::string_view field, absl::string_view collection, absl::string_view what,
                     absl::string_view name, Violations* violations) {
  const absl::string_view id = ParseName(field, collection, name, 32, violations);
  if (id.empty()) return 0;
  uint64_t number = 0;
  if (!absl::SimpleHexAtoi(id, &number) || number == 0 ||
      absl::StrCat(collection, absl::Hex(number, absl::kZeroPad16)) != name) {
    violations->Add(field, absl::StrCat("`", id, "` is no ", what,
                                        "'s id: 16 lower-case hexadecimal digits as in a "
                                        "selection's `",
                                        what, "`"));
    return 0;
  }
  return number;
}

}  // namespace

void ConvertDecision(const rules::RuleSet& rules, const engine::Decision& decision,
                     v1::DecisionView view, v1::Decision* out) {
  const journal::DecisionRecord& record = decision.record;
  if (decision.seq != 0) out->set_name(Name(kDecisions, engine::DecisionId(decision.seq)));
  out->set_customer(Name(kCustomers, record.customer_id));
  SetTimestamp(decision.at_us, out->mutable_decide_time());
  for (const auto& selection : record.selections) {
    ConvertSelection(rules, record, selection, out->add_selections());
  }
  out->set_why(decision::Why(rules, record));
  out->set_stage(record.stage);
  out->set_tier(record.tier);
  for (const std::string& segment : record.segments) out->add_segments(segment);
  out->set_rule_set(Name(kRuleSets, record.rule_set));
  for (const absl::string_view plan : absl::StrSplit(record.plan, ',', absl::SkipEmpty())) {
    out->add_plans(Name(kPlans, plan));
  }
  out->set_model(Name(kModels, record.model));
  out->set_currency_code(rules.currency);
  if (view != v1::DECISION_VIEW_FULL) return;
  for (const decision::CandidateView& from : decision::ViewCandidates(record)) {
    const rules::Campaign& campaign = CampaignOf(rules, from.campaign);
    v1::Candidate* const candidate = out->add_candidates();
    candidate->set_campaign(campaign.id);
    if (from.offer >= 0) {
      candidate->set_offer(campaign.offers[static_cast<size_t>(from.offer)].id);
    }
    if (from.IsValued()) ConvertScore(rules, record, *from.record, candidate->mutable_score());
    ConvertOutcome(rules, record, from, candidate);
  }
}

void ConvertExplanation(const decision::Explanation& explanation, v1::Decision* out) {
  const int count =
      std::min(out->candidates_size(), static_cast<int>(explanation.candidates.size()));
  for (int i = 0; i < count; ++i) {
    const auto& from = explanation.candidates[static_cast<size_t>(i)];
    v1::Candidate* const candidate = out->mutable_candidates(i);
    candidate->set_sentence(from.sentence);
    if (!candidate->has_filtered()) continue;
    v1::Filtered* const filtered = candidate->mutable_filtered();
    filtered->set_rule(from.rule);
    filtered->set_expression(from.expression);
    for (const auto& operand : from.operands) {
      v1::Operand* const to = filtered->add_operands();
      to->set_name(operand.text);
      to->set_missing(operand.value == "missing");
      if (to->missing()) {
        filtered->add_missing(operand.text);
      } else {
        to->set_value(operand.value);
      }
    }
  }
}

std::string ExplanationText(const decision::Explanation& explanation,
                            const v1::Decision& decision) {
  std::string text = absl::StrCat(decision.name(), "  ", decision.customer(), "  ",
                                  FormatInstant(MicrosOf(decision.decide_time())), "\n",
                                  explanation.headline, "\n\n");
  for (const auto& candidate : explanation.candidates) {
    const std::string name = candidate.offer.empty()
                                 ? candidate.campaign
                                 : absl::StrCat(candidate.campaign, "/", candidate.offer);
    absl::StrAppendFormat(&text, "  %-28s %s\n", name, candidate.sentence);
    if (!candidate.expression.empty()) {
      absl::StrAppendFormat(&text, "  %-28s %s: %s\n", "", candidate.rule, candidate.expression);
    }
    for (const auto& operand : candidate.operands) {
      absl::StrAppendFormat(&text, "  %-28s   %s = %s\n", "", operand.text, operand.value);
    }
  }
  absl::StrAppend(&text, "\n");
  for (const auto& [name, value] : explanation.features) {
    absl::StrAppendFormat(&text, "  %-28s %s\n", name, value);
  }
  if (!decision.model().empty()) {
    const char* const basis = decision.value_basis() == v1::VALUE_BASIS_MARGIN    ? "margin"
                              : decision.value_basis() == v1::VALUE_BASIS_REVENUE ? "revenue"
                                                                                  : "not known";
    absl::StrAppendFormat(&text, "  %-28s %s, by %s\n", "values are", basis, decision.model());
  }
  return text;
}

std::string HoldName(uint64_t hold_id) {
  return absl::StrCat(kHolds, absl::Hex(hold_id, absl::kZeroPad16));
}

std::string CouponName(uint64_t coupon_id) {
  return absl::StrCat(kCoupons, absl::Hex(coupon_id, absl::kZeroPad16));
}

uint64_t ParseHoldName(absl::string_view field, absl::string_view name, Violations* violations) {
  return ParseNumber(field, kHolds, "hold", name, violations);
}

uint64_t ParseCouponName(absl::string_view field, absl::string_view name, Violations* violations) {
  return ParseNumber(field, kCoupons, "coupon", name, violations);
}

void ConvertHold(const engine::HoldState& hold, absl::string_view currency, v1::Hold* out) {
  out->set_name(HoldName(hold.hold_id));
  const uint64_t given = hold.coupon_id == 0 ? hold.hold_id : hold.coupon_id;
  out->set_decision(Name(kDecisions, engine::DecisionId(engine::DecisionOfHold(given))));
  if (hold.coupon_id != 0) out->set_coupon(CouponName(hold.coupon_id));
  v1::HoldState state = v1::HOLD_STATE_UNSPECIFIED;
  if (v1::HoldState_Parse(absl::StrCat("HOLD_STATE_", hold.state), &state)) out->set_state(state);
  out->set_held_micros(hold.held_micros);
  out->set_committed_micros(hold.committed_micros);
  out->set_refunded_micros(hold.refunded_micros);
  SetTimestamp(hold.expires_us, out->mutable_expire_time());
  out->set_currency_code(std::string(currency));
}

}  // namespace tenure::api
