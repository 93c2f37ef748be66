#include "server/engine/engine.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/engine/audit_thread.h"
#include "server/engine/command.h"
#include "server/engine/decision_pool.h"
#include "server/engine/event_check.h"
#include "server/engine/fold.h"
#include "server/engine/hold_state.h"
#include "server/engine/in_force.h"
#include "server/engine/ledger_audit.h"
#include "server/engine/model_versions.h"
#include "server/engine/recovery.h"
#include "server/engine/sequencer.h"
#include "server/journal/sqlite/sqlite_journal.h"

namespace tenure::engine {
namespace {

absl::Status QueueFull() {
  return absl::ResourceExhaustedError("too many requests wait; repeat after a moment");
}

BudgetBalance BalanceOf(const budget::Ledger& ledger, budget::NodeId node) {
  const budget::Balance& balance = ledger.balance(node);
  return {ledger.node_id(node), ledger.start_us(node),
          ledger.end_us(node),  balance.limit,
          balance.held,         balance.committed,
          balance.refunded,     balance.overcommitted() > 0};
}

std::vector<BudgetBalance> OpenBalances(const budget::Ledger& ledger, int64_t now_us) {
  std::vector<BudgetBalance> balances;
  for (budget::NodeId node = 0; node < ledger.node_count(); ++node) {
    if (now_us < ledger.start_us(node) || now_us >= ledger.end_us(node)) continue;
    balances.push_back(BalanceOf(ledger, node));
  }
  return balances;
}

// A sentence on the envelopes of open periods that hold more than their limit; empty: none does.
std::string WhatIsOver(const budget::Ledger& ledger, int64_t now_us) {
  std::string paths;
  int count = 0;
  for (const BudgetBalance& balance : OpenBalances(ledger, now_us)) {
    const int64_t used = balance.held_micros + balance.committed_micros;
    if (used <= balance.limit_micros) continue;
    ++count;
    absl::StrAppend(&paths, count == 1 ? ": " : ", ", balance.path, " uses ", DisplayMicros(used),
                    " of ", DisplayMicros(balance.limit_micros));
  }
  if (count == 0) return "";
  return absl::StrCat(" ", count, count == 1 ? " envelope is" : " envelopes are",
                      " over since the limit was lowered", paths, ".");
}

std::vector<BudgetBalance> BalanceHistory(const budget::Ledger& ledger, const std::string& budget) {
  std::vector<BudgetBalance> balances;
  for (budget::NodeId node = 0; node < ledger.node_count(); ++node) {
    if (ledger.budget_id(node) == budget) balances.push_back(BalanceOf(ledger, node));
  }
  return balances;
}

}  // namespace

std::string DecisionId(uint64_t seq) { return absl::StrFormat("%016x", seq); }

absl::StatusOr<uint64_t> ParseDecisionId(absl::string_view id) {
  uint64_t seq = 0;
  if (id.size() != 16 || !absl::SimpleHexAtoi(id, &seq) || seq == 0 || DecisionId(seq) != id) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", id, "\" is no decision id; it has 16 lower-case hexadecimal digits"));
  }
  return seq;
}

class Engine::Impl {
 public:
  Impl(Options options, std::unique_ptr<journal::Journal> journal, Recovered recovered)
      : options_(std::move(options)),
        journal_(std::move(journal)),
        recovered_(std::move(recovered)),
        sequencer_(options_, journal_.get(), recovered_.fold.get(), recovered_.snapshot_seq,
                   &in_force_),
        pool_(options_, recovered_.population.get(), &in_force_, &sequencer_.queue()) {
    in_force_.SetRecovered(recovered_.how);
    sequencer_.Start(
        [this](DecideCommand&& command) { return pool_.EvaluateAgain(std::move(command)); });
  }
  ~Impl() {
    // First those who push into the sequencer's queue; audits are asked for by the sequencer.
    pool_.Stop();
    sequencer_.Stop();
    audits_.Stop();
  }

  // Answers RESOURCE_EXHAUSTED itself where the queue is full.
  template <typename Typed>
  void Push(Typed command) {
    auto done = command.done;
    if (!sequencer_.queue().TryPush(std::move(command)) && done) done(QueueFull());
  }

  int64_t NowUs() const { return std::max(options_.clock->NowUs(), in_force_.last_at_us()); }
  void PushDecide(DecideCommand command);
  void Verify(Done<std::string> done);
  absl::StatusOr<std::shared_ptr<const rules::RuleSet>> GetRules(absl::string_view hash);

  const Options options_;
  const std::unique_ptr<journal::Journal> journal_;
  Recovered recovered_;
  InForce in_force_;
  Sequencer sequencer_;
  DecisionPool pool_;
  AuditThread audits_;

 private:
  static constexpr size_t kCompiledKept = 16;
  Mutex mutex_;
  // Earlier rule sets that someone asked for, by hash: the last ones.
  std::deque<std::pair<std::string, std::shared_ptr<const rules::RuleSet>>> compiled_
      TENURE_GUARDED_BY(mutex_);
};

void Engine::Impl::PushDecide(DecideCommand command) {
  absl::Status refusal;
  if (in_force_.view()->world == nullptr) {
    refusal = absl::FailedPreconditionError(
        "no rule set is published; publish one with `tenure rules publish`");
  } else {
    const size_t rows = command.rows.size();
    auto done = command.done;
    if (pool_.TryPush(std::move(command))) return;
    return done(std::vector<absl::StatusOr<Decision>>(rows, QueueFull()));
  }
  command.done(std::vector<absl::StatusOr<Decision>>(command.rows.size(), refusal));
}

void Engine::Impl::Verify(Done<std::string> done) {
  sequencer_.queue().Push(ReadCommand{[this, done = std::move(done)](const Fold& fold) {
    const absl::Status balances = fold.ledger().Verify();
    const uint64_t last_seq = fold.last_seq();
    if (!balances.ok()) return done(absl::DataLossError(balances.message()));
    auto run = [this, done, last_seq, counts = CountsOf(fold.ledger()),
                over = WhatIsOver(fold.ledger(), NowUs())](const std::atomic<bool>& stop) {
      const absl::StatusOr<Audit> audit = AuditLedger(*journal_, last_seq, stop);
      if (!audit.ok()) return done(audit.status());
      if (absl::Status differ = Compare(*audit, counts); !differ.ok()) return done(differ);
      if (absl::Status differ = CompareWithChildren(counts); !differ.ok()) return done(differ);
      done(absl::StrCat(
          "Every counter equals its holds and the journal, every envelope the sum of those below "
          "it, and nothing was held over a limit at any of ",
          audit->entries, " entries: ", audit->holds, " holds, ", DisplayMicros(audit->committed),
          " committed, ", DisplayMicros(audit->refunded), " refunded, ", DisplayMicros(audit->held),
          " held, in ", counts.size(), " envelopes.", over));
    };
    if (!audits_.TryRun(std::move(run))) {
      done(absl::ResourceExhaustedError("too many audits wait; repeat after a moment"));
    }
  }});
}

absl::StatusOr<std::shared_ptr<const rules::RuleSet>> Engine::Impl::GetRules(
    absl::string_view hash) {
  const std::shared_ptr<const InForce::View> view = in_force_.view();
  if (view->world != nullptr && view->world->rules->hash == hash) return view->world->rules;
  const auto published = view->published.find(std::string(hash));
  if (published == view->published.end()) {
    return absl::NotFoundError(absl::StrCat("no rule set ", hash, " was ever published"));
  }
  {
    MutexLock lock(&mutex_);
    for (const auto& [earlier, rules] : compiled_) {
      if (earlier == hash) return rules;
    }
  }
  TENURE_ASSIGN_OR_RETURN(const journal::Entry entry, journal_->Read(published->second));
  TENURE_ASSIGN_OR_RETURN(const auto record,
                          journal::Decode<journal::RuleSetRecord>(entry.payload));
  TENURE_ASSIGN_OR_RETURN(auto rules, Recompile(record));
  MutexLock lock(&mutex_);
  compiled_.emplace_back(hash, rules);
  if (compiled_.size() > kCompiledKept) compiled_.pop_front();
  return rules;
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(Options options) {
  TENURE_ASSIGN_OR_RETURN(
      std::unique_ptr<journal::Journal> journal,
      journal::SqliteJournal::Open({.dir = options.data_dir, .durability = options.durability}));
  return Open(std::move(options), std::move(journal));
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(Options options,
                                                     std::unique_ptr<journal::Journal> journal) {
  if (options.clock == nullptr || options.plugins == nullptr || options.tick_us <= 0) {
    return absl::InvalidArgumentError("the engine needs a clock, plugins and tick_us above 0");
  }
  TENURE_ASSIGN_OR_RETURN(Recovered recovered,
                          Recover(options.data_dir, *journal, options.limits, options.log));
  Log(options.log, Severity::kInfo, absl::StrCat("Recovered from ", recovered.how, "."));
  return std::unique_ptr<Engine>(new Engine(
      std::make_unique<Impl>(std::move(options), std::move(journal), std::move(recovered))));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

void Engine::Ingest(std::vector<journal::EventRecord> events, Done<IngestResult> done) {
  IngestCommand command;
  command.events = std::move(events);
  command.done = std::move(done);
  const int64_t now_us = NowUs();
  for (const journal::EventRecord& event : command.events) {
    std::string why = WhyRejected(event, now_us, impl_->options_.limits);
    const bool right = why.empty();
    command.reasons.push_back(std::move(why));
    command.payloads.push_back(right ? journal::Encode(event) : "");
    command.fingerprints.push_back(EventFingerprint(event.source, event.event_id));
  }
  impl_->Push(std::move(command));
}

void Engine::Decide(DecideRequest request, Done<Decision> done) {
  DecideCommand command;
  command.rows.emplace_back().request = std::move(request);
  command.done = [done = std::move(done)](std::vector<absl::StatusOr<Decision>> results) {
    done(std::move(results.front()));
  };
  impl_->PushDecide(std::move(command));
}

void Engine::BatchDecide(std::vector<DecideRequest> requests,
                         std::function<void(std::vector<absl::StatusOr<Decision>>)> done) {
  DecideCommand command;
  for (DecideRequest& request : requests) {
    command.rows.emplace_back().request = std::move(request);
  }
  command.done = std::move(done);
  impl_->PushDecide(std::move(command));
}

void Engine::CommitHold(RequestKey key, uint64_t hold_id, int64_t actual_micros,
                        Done<HoldState> done) {
  impl_->Push(HoldCommand{std::move(key), journal::HoldChange::kCommitted, hold_id, actual_micros,
                          std::move(done)});
}

void Engine::ReleaseHold(RequestKey key, uint64_t hold_id, Done<HoldState> done) {
  impl_->Push(
      HoldCommand{std::move(key), journal::HoldChange::kReleased, hold_id, 0, std::move(done)});
}

void Engine::RefundHold(RequestKey key, uint64_t hold_id, int64_t micros, Done<HoldState> done) {
  impl_->Push(HoldCommand{std::move(key), journal::HoldChange::kRefunded, hold_id, micros,
                          std::move(done)});
}

void Engine::RedeemCoupon(RequestKey key, uint64_t coupon_id, int64_t micros,
                          Done<HoldState> done) {
  impl_->Push(RedeemCommand{std::move(key), coupon_id, micros, std::move(done)});
}

void Engine::PublishRules(RequestKey key, std::shared_ptr<const rules::RuleSet> rules,
                          Done<uint64_t> done) {
  impl_->Push(RulesCommand{std::move(key), std::move(rules), std::move(done)});
}

void Engine::ActivateModel(RequestKey key, absl::string_view hash, std::string reason,
                           Done<uint64_t> done) {
  auto version = FindModelVersion(hash);
  if (!version.ok()) return done(version.status());
  journal::ModelRecord record = *version->record;
  record.reason = std::move(reason);
  record.candidate = false;
  record.version_seq = version->seq;
  record.caller = std::move(key.caller);
  record.request_id = std::move(key.request_id);
  record.request_digest = std::move(key.digest);
  RecordModel(std::move(record), std::move(done));
}

void Engine::RecordModel(journal::ModelRecord model, Done<uint64_t> done) {
  auto parsed = clv::ReadModelDocument(model.model_json);
  if (!parsed.ok()) return done(parsed.status());
  impl_->Push(ModelCommand{std::move(model), *std::move(parsed), std::move(done)});
}

void Engine::ActivatePlan(journal::PlanRecord plan, Done<uint64_t> done, uint64_t after) {
  impl_->Push(PlanCommand{std::move(plan), after, std::move(done)});
}

void Engine::Tick(Done<uint64_t> done) { impl_->Push(TickCommand{std::move(done)}); }

std::shared_ptr<const decision::World> Engine::world() const {
  return impl_->in_force_.view()->world;
}

const customers::Population& Engine::population() const { return *impl_->recovered_.population; }

int64_t Engine::NowUs() const { return impl_->NowUs(); }

absl::StatusOr<Decision> Engine::GetDecision(uint64_t seq) const {
  const absl::StatusOr<journal::Entry> read = impl_->journal_->Read(seq);
  if (absl::IsNotFound(read.status()) || (read.ok() && read->kind != journal::Kind::kDecision)) {
    return absl::NotFoundError(absl::StrCat("there is no decisions/", DecisionId(seq)));
  }
  if (!read.ok()) return read.status();
  const journal::Entry& entry = *read;
  Decision decision;
  decision.seq = seq;
  decision.at_us = entry.at_us;
  TENURE_ASSIGN_OR_RETURN(decision.record, journal::Decode<journal::DecisionRecord>(entry.payload));
  return decision;
}

absl::StatusOr<std::shared_ptr<const rules::RuleSet>> Engine::GetRules(
    absl::string_view hash) const {
  return impl_->GetRules(hash);
}

absl::StatusOr<journal::ModelRecord> Engine::GetModel() const {
  const std::shared_ptr<const InForce::View> view = impl_->in_force_.view();
  if (view->model == nullptr) return absl::NotFoundError("no model is active; fit one first");
  return *view->model;
}

absl::StatusOr<Engine::ModelPage> Engine::ListModels(uint64_t from, size_t most) const {
  const std::shared_ptr<const InForce::View> view = impl_->in_force_.view();
  const ModelChain chain(impl_->journal_.get(), view->versions);
  ModelPage page;
  page.next = from == 0 ? view->last_model_entry : from;
  while (page.next != 0 && page.versions.size() < most) {
    TENURE_ASSIGN_OR_RETURN(auto version, chain.At(&page.next));
    if (version.has_value()) page.versions.push_back(*std::move(version));
  }
  return page;
}

absl::StatusOr<ModelVersion> Engine::FindModelVersion(absl::string_view hash) const {
  const std::shared_ptr<const InForce::View> view = impl_->in_force_.view();
  for (const ModelVersion& version : view->versions) {
    if (version.record->hash == hash) return version;
  }
  const ModelChain chain(impl_->journal_.get(), view->versions);
  for (uint64_t next = view->last_model_entry; next != 0;) {
    TENURE_ASSIGN_OR_RETURN(auto version, chain.At(&next));
    if (version.has_value() && version->record->hash == hash) return *std::move(version);
  }
  return NoSuchModel(hash, view->versions, view->model.get());
}

absl::StatusOr<PlanVersion> Engine::GetPlan() const {
  const uint64_t seq = impl_->in_force_.view()->last_plan_seq;
  if (seq == 0) return absl::NotFoundError("no plan was made yet; `tenure plan` makes one");
  return GetPlan(seq);
}

std::vector<std::shared_ptr<const journal::PlanRecord>> Engine::plans() const {
  return impl_->in_force_.view()->plans;
}

absl::StatusOr<PlanPage> Engine::ListPlans(absl::string_view budget, uint64_t from,
                                           size_t most) const {
  const std::shared_ptr<const InForce::View> view = impl_->in_force_.view();
  uint64_t last = view->last_plan_seq;
  if (!budget.empty()) {
    const auto found = view->last_plan_of.find(std::string(budget));
    last = found == view->last_plan_of.end() ? 0 : found->second;
  }
  return ReadPlans(*impl_->journal_, budget, from == 0 ? last : from, most);
}

absl::StatusOr<journal::ModelRecord> Engine::GetModel(uint64_t seq) const {
  TENURE_ASSIGN_OR_RETURN(const journal::Entry entry, impl_->journal_->Read(seq));
  if (entry.kind != journal::Kind::kModel) {
    return absl::NotFoundError(absl::StrCat("there is no model at entry ", seq));
  }
  return journal::Decode<journal::ModelRecord>(entry.payload);
}

absl::StatusOr<PlanVersion> Engine::GetPlan(uint64_t seq) const {
  return ReadPlan(*impl_->journal_, seq);
}

void Engine::FindModel(RequestKey key, Done<uint64_t> done) {
  impl_->Push(FindCommand{Method::kModel, std::move(key), std::move(done)});
}

void Engine::FindPlan(RequestKey key, Done<uint64_t> done) {
  impl_->Push(FindCommand{Method::kPlan, std::move(key), std::move(done)});
}

void Engine::GetHold(uint64_t hold_id, Done<HoldState> done) {
  impl_->sequencer_.queue().Push(ReadCommand{[hold_id, done = std::move(done)](const Fold& fold) {
    done(PresentHold(fold.ledger(), hold_id));
  }});
}

void Engine::GetBalances(Done<std::vector<BudgetBalance>> done) {
  impl_->sequencer_.queue().Push(
      ReadCommand{[now_us = NowUs(), done = std::move(done)](const Fold& fold) {
        done(OpenBalances(fold.ledger(), now_us));
      }});
}

void Engine::GetBalanceHistory(std::string budget, Done<std::vector<BudgetBalance>> done) {
  impl_->sequencer_.queue().Push(
      ReadCommand{[budget = std::move(budget), done = std::move(done)](const Fold& fold) {
        done(BalanceHistory(fold.ledger(), budget));
      }});
}

void Engine::GetPlanBasis(std::string budget, Done<PlanBasis> done) {
  impl_->sequencer_.queue().Push(
      ReadCommand{[now_us = NowUs(), budget = std::move(budget), done = std::move(done)](
                      const Fold& fold) { done(FindPlanBasis(fold, budget, now_us)); }});
}

void Engine::GetPacing(Done<std::vector<PacingStatus>> done) {
  impl_->sequencer_.queue().Push(
      ReadCommand{[now_us = NowUs(), done = std::move(done)](const Fold& fold) {
        done(fold.pacing().Status(now_us));
      }});
}

void Engine::VerifyLedger(Done<std::string> done) { impl_->Verify(std::move(done)); }

Health Engine::health() const {
  Health health = impl_->in_force_.health();
  impl_->pool_.AddTo(&health);
  health.now_us = impl_->NowUs();
  return health;
}

}  // namespace tenure::engine
