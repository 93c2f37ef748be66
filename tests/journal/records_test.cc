#include "server/journal/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace tenure::journal {
namespace {

TEST(EventCodec, EveryField_ComesBack) {
  EventRecord event;
  event.source = "shop";
  event.event_id = std::string("o\0-\xff", 4);  // any bytes
  event.customer_id = "c-1";
  event.type = EventType::kRefund;
  event.happened_us = -5;
  event.amount_micros = std::numeric_limits<int64_t>::max();
  event.margin_micros = -12;
  event.category = "shoes";
  event.channel = "email";
  event.purpose = "marketing";
  event.consent = ConsentState::kRevoked;
  event.attributes = {
      {"vip", true}, {"visits", int64_t{-3}}, {"score", 0.1}, {"region", std::string("West")}};
  const absl::StatusOr<EventRecord> back = Decode<EventRecord>(Encode(event));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->event_id, event.event_id);
  EXPECT_EQ(back->type, EventType::kRefund);
  EXPECT_EQ(back->happened_us, -5);
  EXPECT_EQ(back->amount_micros, event.amount_micros);
  EXPECT_EQ(back->margin_micros, event.margin_micros);
  EXPECT_EQ(back->consent, ConsentState::kRevoked);
  EXPECT_EQ(back->attributes, event.attributes);
  EXPECT_EQ(Encode(*back), Encode(event));
}

TEST(EventCodec, EmptyValues_StayValues) {
  EventRecord event;
  event.attributes = {{"a", false},
                      {"b", int64_t{0}},
                      {"c", 0.0},
                      {"d", std::string()},
                      {"", std::string(300, 'x')}};
  const absl::StatusOr<EventRecord> back = Decode<EventRecord>(Encode(event));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->attributes, event.attributes);
  EXPECT_TRUE(back->source.empty());
  EXPECT_EQ(back->happened_us, 0);
}

TEST(TickCodec, BothParts_ComeBack) {
  const absl::StatusOr<TickRecord> back = Decode<TickRecord>(Encode(TickRecord{true, 4'096}));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(back->continues);
  EXPECT_EQ(back->at_most, 4'096u);
  EXPECT_FALSE(Decode<TickRecord>("")->continues);
}

TEST(EventCodec, MarginZero_IsNotMarginUnknown) {
  EventRecord event;
  event.margin_micros = 0;
  EXPECT_EQ(Decode<EventRecord>(Encode(event))->margin_micros, 0);
  event.margin_micros.reset();
  EXPECT_FALSE(Decode<EventRecord>(Encode(event))->margin_micros.has_value());
}

TEST(DecisionCodec, EveryField_ComesBack) {
  DecisionRecord decision;
  decision.caller = "crm";
  decision.request_id = "r-1";
  decision.request_digest = "d";
  decision.customer_id = "c-1";
  decision.seed = std::numeric_limits<uint64_t>::max();
  decision.asked_us = 17;
  decision.rule_set = "hash";
  decision.plan = "plan-1";
  decision.model = "model";
  decision.stage = "loyal";
  decision.tier = "high";
  decision.segments = {"a", "b"};
  decision.features = std::string(3, '\0');
  decision.slot_price = 0.7;
  decision.quiet_until_us = 9;
  decision.stops = {static_cast<char>(Stop{Gate::kStage}.Byte()),
                    static_cast<char>(Stop{Gate::kEligibility, Note::kMissing}.Byte()),
                    static_cast<char>(Stop{Gate::kQuietHours, Note::kNone, true}.Byte()), '\0'};
  CandidateRecord candidate;
  candidate.campaign = 3;
  candidate.offer = 0;
  candidate.outcome = Outcome::kLost;
  candidate.gate = Gate::kExclusivity;
  candidate.gross_value = 0.1;
  candidate.value_stderr = std::numeric_limits<double>::denorm_min();
  candidate.p_baseline = 0.2;
  candidate.p_treated = 0.3;
  candidate.expected_cost = 0.4;
  candidate.liability_micros = -5;
  candidate.basis = 2;
  candidate.score = -0.0;
  candidate.budget_price = 0.6;
  candidate.detail = 2;
  decision.candidates = {candidate, CandidateRecord()};
  decision.texts = {"group"};
  SelectionRecord selection;
  selection.candidate = 1;
  selection.hold_id = 161;
  selection.held_micros = 5;
  selection.expires_us = 99;
  selection.budget_node = "lifecycle/loyal/upsell";
  selection.asked_micros = 8;
  selection.coupon_micros = 7;
  selection.coupon_expires_us = 100;
  decision.selections = {selection};
  decision.ghosts = {SelectionRecord()};
  const absl::StatusOr<DecisionRecord> back = Decode<DecisionRecord>(Encode(decision));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->seed, decision.seed);
  EXPECT_EQ(back->segments, decision.segments);
  EXPECT_EQ(back->features, decision.features);
  ASSERT_EQ(back->candidates.size(), 2u);
  EXPECT_EQ(
      std::memcmp(back->candidates.data(), decision.candidates.data(), 2 * sizeof(CandidateRecord)),
      0);
  EXPECT_EQ(back->stops, decision.stops);
  EXPECT_EQ(back->texts, decision.texts);
  EXPECT_EQ(back->slot_price, 0.7);
  EXPECT_EQ(back->quiet_until_us, 9);
  ASSERT_EQ(back->selections.size(), 1u);
  EXPECT_EQ(back->selections[0].budget_node, selection.budget_node);
  EXPECT_EQ(back->selections[0].asked_micros, 8);
  EXPECT_EQ(back->selections[0].coupon_micros, 7);
  EXPECT_EQ(back->selections[0].coupon_expires_us, 100);
  EXPECT_EQ(back->ghosts.size(), 1u);
  EXPECT_EQ(Encode(*back), Encode(decision));
}

TEST(DecisionCodec, NumbersThatStandForNothing_AreDataLoss) {
  const auto code = [](const DecisionRecord& record) {
    return Decode<DecisionRecord>(Encode(record)).status().code();
  };
  DecisionRecord decision;
  decision.candidates.resize(2);
  EXPECT_EQ(code(decision), absl::StatusCode::kOk);
  decision.candidates[0].detail = 1;  // there is no text
  EXPECT_EQ(code(decision), absl::StatusCode::kDataLoss);
  decision.candidates[0].outcome = Outcome::kLost;
  EXPECT_EQ(code(decision), absl::StatusCode::kOk);
  decision.candidates[0].detail = 3;
  EXPECT_EQ(code(decision), absl::StatusCode::kDataLoss);
  decision.candidates[0].detail = 0;
  decision.candidates[1].gate = static_cast<Gate>(13);
  EXPECT_EQ(code(decision), absl::StatusCode::kDataLoss);
  decision.candidates[1].gate = Gate::kNone;
  decision.candidates[1].outcome = static_cast<Outcome>(0);
  EXPECT_EQ(code(decision), absl::StatusCode::kDataLoss);
  decision.candidates[1].outcome = Outcome::kError;
  decision.stops = "\x7d";  // gate 13
  EXPECT_EQ(code(decision), absl::StatusCode::kDataLoss);
  decision.stops.clear();
  decision.ghosts.emplace_back().candidate = 2;
  EXPECT_EQ(code(decision), absl::StatusCode::kDataLoss);
}

TEST(Stop, Byte_HoldsEveryPart) {
  EXPECT_EQ((Stop{}.Byte()), 0);
  for (const bool deferred : {false, true}) {
    for (const Note note : {Note::kNone, Note::kMissing, Note::kError}) {
      const Stop back = Stop::Of(Stop{kLastGate, note, deferred}.Byte());
      EXPECT_EQ(back.gate, kLastGate);
      EXPECT_EQ(back.note, note);
      EXPECT_EQ(back.deferred, deferred);
      EXPECT_TRUE(Stop::IsByte(Stop{kLastGate, note, deferred}.Byte()));
    }
  }
  EXPECT_FALSE(Stop::IsByte(0x10));  // a note without a gate
  EXPECT_FALSE(Stop::IsByte(0x34));
  EXPECT_FALSE(Stop::IsByte(0x80));
}

TEST(PlanCodec, EveryField_ComesBack) {
  PlanRecord plan;
  plan.id = "plan-1";
  plan.budget = "lifecycle";
  plan.rule_set = "h";
  plan.model = "m";
  plan.start_us = 1;
  plan.end_us = 2;
  plan.nodes = {{"lifecycle", -1, 100, 0.5, 90, 12.5, 7}};
  plan.segment_of = std::string("\0\xff\1", 3);
  plan.slot_prices = {{"loyal", 0.25}};
  plan.achieved = 1;
  plan.upper_bound = 2;
  plan.gap = 0.5;
  plan.report_json = "{}";
  plan.caller = "ops";
  plan.population = {{"heavy", "loyal", "high", 3}};
  plan.stopped = true;
  plan.unassigned_micros = 4;
  plan.over_micros = 5;
  plan.declared_unplanned_micros = 6;
  plan.declared_exploration_micros = 7;
  plan.previous_seq = 8;
  plan.previous_of_budget_seq = 9;
  const absl::StatusOr<PlanRecord> back = Decode<PlanRecord>(Encode(plan));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->segment_of, plan.segment_of);
  EXPECT_EQ(back->nodes[0].parent, -1);
  EXPECT_EQ(back->slot_prices, plan.slot_prices);
  EXPECT_TRUE(back->stopped);
  EXPECT_EQ(back->unassigned_micros, 4);
  EXPECT_EQ(back->over_micros, 5);
  EXPECT_EQ(back->declared_unplanned_micros, 6);
  EXPECT_EQ(back->declared_exploration_micros, 7);
  EXPECT_EQ(back->previous_seq, 8u);
  EXPECT_EQ(back->previous_of_budget_seq, 9u);
  EXPECT_EQ(Encode(*back), Encode(plan));
}

TEST(Codecs, OfTheRest_ComeBack) {
  HoldRecord hold{33, HoldChange::kExpired, 4, "a", "b", "c"};
  EXPECT_EQ(Encode(*Decode<HoldRecord>(Encode(hold))), Encode(hold));
  EXPECT_EQ(Decode<HoldRecord>(Encode(hold))->change, HoldChange::kExpired);
  hold.change = HoldChange::kRefunded;
  hold.refunded_micros = 9;
  EXPECT_EQ(Decode<HoldRecord>(Encode(hold))->refunded_micros, 9);
  RedemptionRecord redemption{17, 4, 99, "lifecycle/loyal/upsell", "a", "b", "c"};
  EXPECT_EQ(Encode(*Decode<RedemptionRecord>(Encode(redemption))), Encode(redemption));
  EXPECT_EQ(Decode<RedemptionRecord>(Encode(redemption))->coupon_id, 17u);
  RuleSetRecord rules{"h", {{"rules.yaml", "a: 1"}, {"b.yaml", ""}}, "a", "b", "c"};
  EXPECT_EQ(Decode<RuleSetRecord>(Encode(rules))->sources, rules.sources);
  ModelRecord model;
  model.hash = "h";
  model.cut_points.frequency = {4, 5};
  model.rule_set = "rules";
  model.as_of_us = 7;
  model.reason = "why";
  model.candidate = true;
  model.version_seq = 8;
  model.previous_seq = 9;
  EXPECT_EQ(Encode(*Decode<ModelRecord>(Encode(model))), Encode(model));
  EXPECT_EQ(Decode<ModelRecord>(Encode(model))->previous_seq, 9u);
  EXPECT_EQ(Decode<ModelRecord>(Encode(model))->cut_points.frequency, model.cut_points.frequency);
  BudgetPeriodRecord period;
  period.budget = "lifecycle";
  period.start_us = 1;
  period.end_us = 2;
  period.nodes = {{"lifecycle", -1, 9}, {"lifecycle/x", 0, 4}};
  EXPECT_FALSE(Decode<BudgetPeriodRecord>(Encode(period))->customer_limit_micros.has_value());
  period.carried_micros = 3;
  period.customer_limit_micros = 0;
  EXPECT_EQ(Encode(*Decode<BudgetPeriodRecord>(Encode(period))), Encode(period));
  EXPECT_EQ(Decode<BudgetPeriodRecord>(Encode(period))->carried_micros, 3);
  EXPECT_EQ(Decode<BudgetPeriodRecord>(Encode(period))->customer_limit_micros, 0);
  const PacingRecord pacing{"lifecycle",
                            PacingState::kQuiet,
                            12.5,
                            {{"lifecycle/x", 9, 4, 3.25, 0.5, -0.1, 0.9048374180359595, 1}}};
  EXPECT_EQ(Encode(*Decode<PacingRecord>(Encode(pacing))), Encode(pacing));
  EXPECT_EQ(Decode<PacingRecord>(Encode(pacing))->envelopes[0].factor, 0.9048374180359595);
  OperationRecord operation{"op", "fit", true, "e"};
  EXPECT_EQ(Decode<OperationRecord>(Encode(operation))->error, "e");
}

TEST(Decode, BytesThatAreNoRecord_DataLossNamingTheKind) {
  const absl::StatusOr<PlanRecord> plan = Decode<PlanRecord>("\xff\xff\xff");
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(plan.status().message(), testing::HasSubstr("plan"));
}

}  // namespace
}  // namespace tenure::journal
