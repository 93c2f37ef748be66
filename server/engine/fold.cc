#include "server/engine/fold.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/engine/budget_periods.h"
#include "server/engine/engine.h"
#include "server/engine/hold_state.h"
#include "server/rules/compiler.h"
#include "server/rules/trusting_catalog.h"

namespace tenure::engine {
namespace {

using journal::Entry;

constexpr size_t kUnlimitedKeys = size_t{1} << 40;

std::vector<budget::NodeSpec> TreeOf(const std::vector<journal::BudgetPeriodRecord::Node>& nodes) {
  std::vector<budget::NodeSpec> tree;
  tree.reserve(nodes.size());
  for (const auto& node : nodes) tree.push_back({node.path, node.parent, node.limit_micros});
  return tree;
}

std::vector<budget::NodeSpec> TreeOf(const std::vector<journal::PlanNodeRecord>& nodes) {
  std::vector<budget::NodeSpec> tree;
  tree.reserve(nodes.size());
  for (const auto& node : nodes) tree.push_back({node.path, node.parent, node.limit_micros});
  return tree;
}

}  // namespace

uint64_t EventFingerprint(absl::string_view source, absl::string_view event_id) {
  return StableHash(event_id, StableHash(source));
}

uint64_t RequestFingerprint(Method method, absl::string_view caller, absl::string_view request_id) {
  return StableHash(request_id, StableHash(caller, static_cast<uint64_t>(method)));
}

absl::StatusOr<std::shared_ptr<const rules::RuleSet>> Recompile(
    const journal::RuleSetRecord& record) {
  std::vector<rules::Source> sources;
  for (const auto& [file, text] : record.sources) sources.push_back({file, text});
  rules::Compiled compiled = rules::Compile(std::move(sources), rules::TrustingCatalog());
  if (compiled.rule_set == nullptr) {
    std::string first;
    for (const rules::Problem& problem : compiled.problems) {
      if (problem.severity != rules::Severity::kError) continue;
      first = rules::Render(problem);
      break;
    }
    return absl::DataLossError(absl::StrCat("rule set ", record.hash, " of the journal no longer ",
                                            "compiles; start the program that wrote it: ", first));
  }
  if (compiled.rule_set->hash != record.hash) {
    return absl::DataLossError(absl::StrCat("rule set ", record.hash, " of the journal has the ",
                                            "hash ", compiled.rule_set->hash,
                                            "; restore the journal from a backup"));
  }
  return compiled.rule_set;
}

Fold::Fold(customers::Population* population, const Limits& limits)
    : population_(population),
      change_(std::make_unique<customers::Change>(population)),
      events_(kMicrosPerDay, limits.dedupe_days, kUnlimitedKeys),
      requests_(kMicrosPerHour, limits.request_id_hours, limits.request_ids_kept) {}

void Fold::Begin() {
  in_batch_ = true;
  ledger_.Checkpoint();
  pacing_.Checkpoint();
  events_.Checkpoint();
  requests_.Checkpoint();
  arrivals_.Checkpoint();
  setup_changed_ = false;
  pacing_changed_ = false;
  setup_before_.reset();
  last_seq_before_ = last_seq_;
  last_at_before_ = last_at_us_;
}

void Fold::Publish() {
  change_->Publish();
  in_batch_ = false;
}

void Fold::Rollback() {
  change_.reset();
  change_ = std::make_unique<customers::Change>(population_);
  ledger_.Rollback();
  pacing_.Rollback(setup_before_.has_value() ? setup_before_->rules : setup_.rules);
  events_.Rollback();
  requests_.Rollback();
  arrivals_.Rollback();
  if (setup_before_.has_value()) {
    setup_ = *std::move(setup_before_);
    setup_before_.reset();
    valuation_ = setup_.valuation();
  }
  setup_changed_ = false;
  last_seq_ = last_seq_before_;
  last_at_us_ = last_at_before_;
  in_batch_ = false;
}

Setup* Fold::MutableSetup() {
  if (in_batch_ && !setup_before_.has_value()) setup_before_ = setup_;
  return &setup_;
}

void Fold::Advance(const Entry& entry) {
  if (entry.seq == 1) {
    Setup* setup = MutableSetup();
    setup->salt = StableHash(entry.payload, static_cast<uint64_t>(entry.at_us));
    setup->last_tick_us = entry.at_us;
  }
  last_seq_ = entry.seq;
  last_at_us_ = entry.at_us;
  if (entry.customer != 0) change_->SetLastSeq(entry.customer, entry.seq);
}

void Fold::Remember(Method method, const Entry& entry, const std::string& caller,
                    const std::string& request_id) {
  if (request_id.empty()) return;
  requests_.Insert(RequestFingerprint(method, caller, request_id), entry.seq, entry.at_us);
}

absl::Status Fold::Apply(const Entry& entry, const journal::EventRecord& event,
                         uint64_t fingerprint) {
  Advance(entry);
  events_.Insert(fingerprint, entry.seq, entry.at_us);
  change_->Apply(entry.customer, event, entry.at_us, valuation_);
  return absl::OkStatus();
}

absl::Status Fold::Apply(const Entry& entry, const journal::DecisionRecord& decision) {
  // The ledger first: only there a decision can be refused.
  const size_t mark = ledger_.Mark();
  for (const journal::SelectionRecord& selection : decision.selections) {
    if (selection.hold_id == 0) continue;
    if (absl::Status status = PlaceHold(entry, selection); !status.ok()) {
      ledger_.RollbackTo(mark);
      return status;
    }
  }
  Advance(entry);
  change_->SetTier(entry.customer, customers::TierNamed(decision.tier));
  for (const journal::SelectionRecord& selection : decision.selections) {
    AddContact(entry, decision, selection);
  }
  arrivals_.Count(decision.stage, entry.at_us);
  if (!in_batch_) arrivals_.Checkpoint();  // while reading the journal nothing is taken back
  pacing_.Decided(entry, decision);
  Remember(Method::kDecide, entry, decision.caller, decision.request_id);
  return absl::OkStatus();
}

absl::Status Fold::PlaceHold(const Entry& entry, const journal::SelectionRecord& selection) {
  const std::string& path = selection.budget_node;
  const absl::string_view budget = absl::string_view(path).substr(0, path.find('/'));
  const std::optional<budget::NodeId> node = ledger_.FindNode(budget, path, entry.at_us);
  if (!node.has_value()) {
    return absl::InternalError(
        absl::StrCat("decision ", entry.seq, " holds on ", path, ", which has no open period"));
  }
  // The ledger takes a repeat of the same hold as done; here each hold is placed once.
  if (ledger_.FindHold(selection.hold_id) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("decision ", entry.seq, " holds by the id ",
                                                 selection.hold_id, ", which is taken"));
  }
  TENURE_RETURN_IF_ERROR(ledger_.Place(selection.hold_id, *node, selection.held_micros, entry.at_us,
                                       selection.expires_us, entry.customer));
  if (selection.coupon_micros == 0) return absl::OkStatus();
  budget::Coupon coupon;
  coupon.node = *node;
  coupon.most_micros = selection.coupon_micros;
  coupon.expires_us = selection.coupon_expires_us;
  coupon.customer = entry.customer;
  return ledger_.AddCoupon(selection.hold_id, coupon, entry.at_us);
}

void Fold::AddContact(const Entry& entry, const journal::DecisionRecord& decision,
                      const journal::SelectionRecord& selection) {
  const auto candidate = static_cast<size_t>(selection.candidate);
  const journal::CandidateRecord& selected = decision.candidates[candidate];
  const auto index = static_cast<size_t>(selected.campaign);
  const rules::Campaign& campaign = setup_.rules->campaigns[index];
  customers::Contact contact;
  contact.at_us = entry.at_us;
  contact.decision = entry.seq;
  contact.campaign = campaign.id;
  contact.channel = campaign.channel;
  contact.stage = decision.stage;
  contact.tags = campaign.tags;
  contact.counts = campaign.counts_toward_caps;
  if (selected.p_baseline > 0 && selected.p_treated > selected.p_baseline) {
    contact.spontaneous = static_cast<float>(selected.p_baseline / selected.p_treated);
  }
  change_->AddContact(entry.customer, contact);
}

absl::Status Fold::Apply(const Entry& entry, const journal::HoldRecord& hold) {
  // The ledger first: where it refuses, nothing has changed.
  switch (hold.change) {
    case journal::HoldChange::kCommitted:
      TENURE_RETURN_IF_ERROR(ledger_.Commit(hold.hold_id, hold.actual_micros, entry.at_us));
      break;
    case journal::HoldChange::kReleased:
      TENURE_RETURN_IF_ERROR(ledger_.Release(hold.hold_id, entry.at_us));
      break;
    case journal::HoldChange::kRefunded:
      TENURE_RETURN_IF_ERROR(ledger_.Refund(hold.hold_id, hold.actual_micros, entry.at_us));
      break;
    case journal::HoldChange::kExpired: {
      const budget::Hold* expired = ledger_.FindHold(hold.hold_id);
      if (expired == nullptr) {
        return absl::InternalError(absl::StrCat("unknown hold ", hold.hold_id, " expires"));
      }
      // Holds of the same instant go together; each has its own entry.
      if (expired->state == budget::HoldState::kHeld) ledger_.ExpireUntil(expired->expires_us);
      break;
    }
  }
  Advance(entry);
  if (hold.change != journal::HoldChange::kExpired) {
    Remember(MethodOf(hold), entry, hold.caller, hold.request_id);
  }
  const budget::Hold& settled = *ledger_.FindHold(hold.hold_id);
  // What a coupon's redemption holds was promised before; it is no part of the day's offers.
  if (settled.coupon == 0) {
    const bool refunded = hold.change == journal::HoldChange::kRefunded;
    pacing_.Freed(ledger_.node_id(settled.node), hold.hold_id,
                  refunded ? hold.actual_micros : settled.held_micros - settled.committed_micros);
  }
  // An expiry frees the money only: that nobody reported back does not mean that nobody was written
  // to, so the contact stays and counts. So it does where money came back, and a redemption is no
  // contact.
  if (hold.change == journal::HoldChange::kExpired ||
      hold.change == journal::HoldChange::kRefunded || settled.coupon != 0) {
    return absl::OkStatus();
  }
  change_->SettleContact(entry.customer, DecisionOfHold(hold.hold_id),
                         hold.change == journal::HoldChange::kCommitted,
                         CampaignOf(ledger_, settled));
  return absl::OkStatus();
}

absl::Status Fold::Apply(const Entry& entry, const journal::RedemptionRecord& redemption) {
  TENURE_RETURN_IF_ERROR(ledger_.Redeem(redemption.coupon_id, HoldId(entry.seq, 0),
                                        redemption.held_micros, entry.at_us,
                                        redemption.expires_us));
  Advance(entry);
  Remember(Method::kRedeemCoupon, entry, redemption.caller, redemption.request_id);
  return absl::OkStatus();
}

Method Fold::MethodOf(const journal::HoldRecord& record) {
  switch (record.change) {
    case journal::HoldChange::kCommitted:
      return Method::kCommitHold;
    case journal::HoldChange::kRefunded:
      return Method::kRefundHold;
    default:
      return Method::kReleaseHold;
  }
}

absl::Status Fold::Apply(const Entry& entry, const journal::RuleSetRecord& record,
                         std::shared_ptr<const rules::RuleSet> rules) {
  Advance(entry);
  Setup* setup = MutableSetup();
  setup->rules = std::move(rules);
  setup->rules_seq = entry.seq;
  setup->stages_outdated = true;
  const absl::StatusOr<const DayCalendar*> days = DayCalendar::Of(setup->rules->zone);
  TENURE_CHECK(days.ok());  // the compiler has checked the zone
  change_->CountDaysBy(**days);
  setup->published[record.hash] = entry.seq;
  pacing_.SetRules(setup->rules);
  valuation_ = setup->valuation();
  setup_changed_ = true;
  Remember(Method::kRules, entry, record.caller, record.request_id);
  return absl::OkStatus();
}

absl::Status Fold::Apply(const Entry& entry, const journal::ModelRecord& record,
                         clv::ModelDocument models) {
  Advance(entry);
  Setup* setup = MutableSetup();
  auto shared = std::make_shared<const journal::ModelRecord>(record);
  setup->last_model_entry = entry.seq;
  AddVersion(entry.seq, entry.at_us, shared, &setup->versions);
  if (!record.candidate) {
    setup->models = std::move(models);
    setup->model_record = std::move(shared);
    setup->model_seq = entry.seq;
    setup->stages_outdated = true;
    valuation_ = setup->valuation();
  }
  setup_changed_ = true;
  Remember(MethodOf(record), entry, record.caller, record.request_id);
  return absl::OkStatus();
}

Method Fold::MethodOf(const journal::ModelRecord& record) {
  return record.version_seq == 0 ? Method::kModel : Method::kModelInForce;
}

absl::Status Fold::Apply(const Entry& entry, const journal::PlanRecord& plan) {
  TENURE_RETURN_IF_ERROR(
      ledger_.OpenPeriod(plan.budget, plan.start_us, plan.end_us, TreeOf(plan.nodes)));
  Advance(entry);
  Setup* setup = MutableSetup();
  setup->periods[plan.budget] = {plan.start_us, plan.end_us};
  setup->plans[plan.budget] = {entry.seq, std::make_shared<const journal::PlanRecord>(plan)};
  setup->last_plan_seq = entry.seq;
  int64_t used = 0;  // of the planned segments, which stand right below the root
  for (const journal::PlanNodeRecord& node : plan.nodes) {
    if (node.parent != 0 || IsDeclared(node.path)) continue;
    const auto found = ledger_.FindNode(plan.budget, node.path, plan.start_us);
    const budget::Balance& balance = ledger_.balance(*found);
    used += balance.held + balance.committed;
  }
  setup->made[plan.budget] = {entry.seq,
                              entry.at_us,
                              plan.end_us,
                              used,
                              plan.nodes.front().planned_spend_micros,
                              plan.segment_of.size()};
  pacing_.SetPlan(plan.budget);
  setup_changed_ = true;
  Remember(Method::kPlan, entry, plan.caller, plan.request_id);
  return absl::OkStatus();
}

absl::Status Fold::Apply(const Entry& entry, const journal::BudgetPeriodRecord& period) {
  TENURE_RETURN_IF_ERROR(
      ledger_.OpenPeriod(period.budget, period.start_us, period.end_us, TreeOf(period.nodes)));
  TENURE_RETURN_IF_ERROR(ledger_.SetCustomerLimit(
      period.budget, period.start_us, period.customer_limit_micros.value_or(budget::kUnlimited)));
  Advance(entry);
  Setup* setup = MutableSetup();
  setup->periods[period.budget] = {period.start_us, period.end_us};
  setup->carried.erase(period.budget);
  if (period.carried_micros != 0) setup->carried[period.budget] = period.carried_micros;
  return absl::OkStatus();
}

absl::Status Fold::Apply(const Entry& entry, const journal::PacingRecord& pacing) {
  Advance(entry);
  pacing_.Apply(entry, pacing);
  pacing_changed_ = true;
  return absl::OkStatus();
}

absl::Status Fold::Apply(const Entry& entry, const journal::TickRecord& tick) {
  // A fold that reads the journal has no batches but these.
  if (!in_batch_) change_->Publish();
  Advance(entry);
  if (!tick.continues) {
    Setup* setup = MutableSetup();
    // Once a day, since every hold is looked at.
    if (DayOf(entry.at_us) != DayOf(setup->last_tick_us)) {
      ledger_.DropSettled(entry.at_us - kSettledDaysKept * kMicrosPerDay);
    }
    setup->last_tick_us = entry.at_us;
    for (auto it = setup->plans.begin(); it != setup->plans.end();) {
      const bool over = it->second.record->end_us <= entry.at_us;
      setup_changed_ |= over;
      it = over ? setup->plans.erase(it) : std::next(it);
    }
    change_->BeginTick(entry.at_us, setup->stages_outdated);
    setup->stages_outdated = false;
  }
  change_->Tick(entry.at_us, valuation_, tick.at_most == 0 ? change_->waiting() : tick.at_most);
  if (!in_batch_) change_->Publish();
  return absl::OkStatus();
}

absl::Status Fold::ApplyEntry(const Entry& entry) {
  if (entry.seq != last_seq_ + 1 || entry.at_us < last_at_us_) {
    return absl::DataLossError(absl::StrCat("entry ", entry.seq, " can't follow entry ", last_seq_,
                                            "; restore the journal from a backup"));
  }
  switch (entry.kind) {
    case journal::Kind::kEvent: {
      TENURE_ASSIGN_OR_RETURN(const auto event,
                              journal::Decode<journal::EventRecord>(entry.payload));
      if (FindOrAdd(event.customer_id) != entry.customer) {
        return absl::DataLossError(absl::StrCat("entry ", entry.seq, " names another customer ",
                                                "than the entries before it"));
      }
      return Apply(entry, event, EventFingerprint(event.source, event.event_id));
    }
    case journal::Kind::kTick: {
      TENURE_ASSIGN_OR_RETURN(const auto tick, journal::Decode<journal::TickRecord>(entry.payload));
      return Apply(entry, tick);
    }
    case journal::Kind::kDecision: {
      TENURE_ASSIGN_OR_RETURN(const auto decision,
                              journal::Decode<journal::DecisionRecord>(entry.payload));
      return Apply(entry, decision);
    }
    case journal::Kind::kHold: {
      TENURE_ASSIGN_OR_RETURN(const auto hold, journal::Decode<journal::HoldRecord>(entry.payload));
      return Apply(entry, hold);
    }
    case journal::Kind::kRedemption: {
      TENURE_ASSIGN_OR_RETURN(const auto redemption,
                              journal::Decode<journal::RedemptionRecord>(entry.payload));
      return Apply(entry, redemption);
    }
    case journal::Kind::kRuleSet: {
      TENURE_ASSIGN_OR_RETURN(const auto record,
                              journal::Decode<journal::RuleSetRecord>(entry.payload));
      TENURE_ASSIGN_OR_RETURN(auto rules, Recompile(record));
      return Apply(entry, record, std::move(rules));
    }
    case journal::Kind::kModel: {
      TENURE_ASSIGN_OR_RETURN(const auto record,
                              journal::Decode<journal::ModelRecord>(entry.payload));
      TENURE_ASSIGN_OR_RETURN(auto models, clv::ReadModelDocument(record.model_json));
      return Apply(entry, record, std::move(models));
    }
    case journal::Kind::kPlan: {
      TENURE_ASSIGN_OR_RETURN(const auto plan, journal::Decode<journal::PlanRecord>(entry.payload));
      return Apply(entry, plan);
    }
    case journal::Kind::kBudgetPeriod: {
      TENURE_ASSIGN_OR_RETURN(const auto period,
                              journal::Decode<journal::BudgetPeriodRecord>(entry.payload));
      return Apply(entry, period);
    }
    case journal::Kind::kPacing: {
      TENURE_ASSIGN_OR_RETURN(const auto pacing,
                              journal::Decode<journal::PacingRecord>(entry.payload));
      return Apply(entry, pacing);
    }
    case journal::Kind::kOperation:
      Advance(entry);
      return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("entry ", entry.seq, " is of an unknown kind ",
                                          static_cast<int>(entry.kind),
                                          "; start the newer program that wrote it"));
}

}  // namespace tenure::engine
