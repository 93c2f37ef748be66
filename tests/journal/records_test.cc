#include "server/journal/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  CandidateRecord candidate;
  candidate.campaign = 3;
  candidate.offer = 0;
  candidate.outcome = Outcome::kLost;
  candidate.gate = Gate::kExclusivity;
  candidate.text = "group";
  candidate.until_us = 9;
  candidate.gross_value = 0.1;
  candidate.value_stderr = std::numeric_limits<double>::denorm_min();
  candidate.p_baseline = 0.2;
  candidate.p_treated = 0.3;
  candidate.expected_cost = 0.4;
  candidate.liability_micros = 5;
  candidate.basis = 2;
  candidate.score = -0.0;
  candidate.budget_price = 0.6;
  candidate.slot_price = 0.7;
  candidate.winning_score = 0.8;
  candidate.lost_to_campaign = 0;
  decision.candidates = {candidate, CandidateRecord()};
  SelectionRecord selection;
  selection.candidate = 1;
  selection.hold_id = 161;
  selection.held_micros = 5;
  selection.expires_us = 99;
  selection.budget_node = "lifecycle/loyal/upsell";
  decision.selections = {selection};
  decision.ghosts = {SelectionRecord()};
  const absl::StatusOr<DecisionRecord> back = Decode<DecisionRecord>(Encode(decision));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->seed, decision.seed);
  EXPECT_EQ(back->segments, decision.segments);
  EXPECT_EQ(back->features, decision.features);
  ASSERT_EQ(back->candidates.size(), 2u);
  EXPECT_EQ(back->candidates[0].lost_to_campaign, 0);
  EXPECT_EQ(back->candidates[1].lost_to_campaign, -1);
  EXPECT_EQ(back->candidates[1].offer, -1);
  EXPECT_EQ(back->candidates[0].value_stderr, candidate.value_stderr);
  ASSERT_EQ(back->selections.size(), 1u);
  EXPECT_EQ(back->selections[0].budget_node, selection.budget_node);
  EXPECT_EQ(back->ghosts.size(), 1u);
  EXPECT_EQ(Encode(*back), Encode(decision));
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
  const absl::StatusOr<PlanRecord> back = Decode<PlanRecord>(Encode(plan));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->segment_of, plan.segment_of);
  EXPECT_EQ(back->nodes[0].parent, -1);
  EXPECT_EQ(back->slot_prices, plan.slot_prices);
  EXPECT_EQ(Encode(*back), Encode(plan));
}

TEST(Codecs, OfTheRest_ComeBack) {
  HoldRecord hold{33, HoldChange::kExpired, 4, "a", "b", "c"};
  EXPECT_EQ(Encode(*Decode<HoldRecord>(Encode(hold))), Encode(hold));
  EXPECT_EQ(Decode<HoldRecord>(Encode(hold))->change, HoldChange::kExpired);
  RuleSetRecord rules{"h", {{"rules.yaml", "a: 1"}, {"b.yaml", ""}}, "a", "b", "c"};
  EXPECT_EQ(Decode<RuleSetRecord>(Encode(rules))->sources, rules.sources);
  ModelRecord model;
  model.hash = "h";
  model.cut_points.frequency = {4, 5};
  EXPECT_EQ(Decode<ModelRecord>(Encode(model))->cut_points.frequency, model.cut_points.frequency);
  BudgetPeriodRecord period{"lifecycle", 1, 2, {{"lifecycle", -1, 9}, {"lifecycle/x", 0, 4}}};
  EXPECT_EQ(Encode(*Decode<BudgetPeriodRecord>(Encode(period))), Encode(period));
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
