#include "server/engine/sequencer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/engine/budget_periods.h"
#include "server/engine/requests.h"
#include "server/engine/snapshot.h"

namespace tenure::engine {
namespace {

using journal::Entry;
using journal::Kind;

// How often the clock is looked at while nothing is asked.
constexpr int64_t kPollUs = 100'000;
// After a failed commit the timer waits this long, doubled by each further failure.
constexpr int64_t kRetryUs = 1'000'000;
constexpr int64_t kLongestRetryUs = 32'000'000;

bool MayPass(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted ||
         status.code() == absl::StatusCode::kUnavailable;
}

absl::Status NotWritten(const absl::Status& cause) {
  return absl::UnavailableError(
      absl::StrCat("nothing was written; repeat the request with the same id: ", cause.message()));
}

// A repeat would not help: `cause` stays until the folder is opened again.
absl::Status Stopped(const absl::Status& cause) {
  return absl::UnavailableError(
      absl::StrCat("changes are refused until the server is started again: ", cause.message()));
}

}  // namespace

Sequencer::Sequencer(const Options& options, journal::Journal* journal, Fold* fold,
                     uint64_t snapshot_seq, InForce* in_force)
    : options_(options),
      journal_(journal),
      fold_(fold),
      in_force_(in_force),
      queue_(options.limits.queue_depth),
      snapshot_seq_(snapshot_seq) {}

Sequencer::~Sequencer() { Stop(); }

void Sequencer::Start(EvaluateAgain evaluate_again) {
  evaluate_again_ = std::move(evaluate_again);
  in_force_->Committed(fold_->last_seq(), fold_->last_at_us());
  Refresh();
  PassTimeIfDue();
  thread_ = std::thread([this] { Run(); });
}

void Sequencer::Stop() {
  if (!thread_.joinable()) return;
  queue_.Close();
  thread_.join();
  SnapshotWhenDue(/*stopping=*/true);
}

void Sequencer::Run() {
  std::vector<Command> commands;
  while (queue_.Drain(TickGoesOn() ? 0 : kPollUs, &commands)) {
    if (commands.empty()) {
      PassTimeIfDue();
    } else {
      RunBatch(&commands);
    }
    if (TickGoesOn()) ContinueTick();
    if (!TickGoesOn()) AnswerAfterTick();
    SnapshotWhenDue(/*stopping=*/false);
  }
  AnswerAfterTick();
}

void Sequencer::RunBatch(std::vector<Command>* commands) {
  Begin();
  for (Command& command : *commands) {
    if (entries_.size() >= options_.limits.commands_per_commit) Flush();
    std::visit([this](auto& one) { Handle(one); }, command);
  }
  Commit();
}

void Sequencer::Begin() {
  PassTimeIfDue();
  batch_error_ = absl::OkStatus();
  fold_->Begin();
}

void Sequencer::Flush() {
  Commit();
  Begin();
}

void Sequencer::Commit() {
  absl::Status status = batch_error_;
  if (status.ok() && !entries_.empty()) {
    status = journal_->Append(entries_);
    if (status.ok()) {
      in_force_->Committed(fold_->last_seq(), fold_->last_at_us());
      Worked();
    } else {
      Failed(status);
      status = stopped_.ok() ? NotWritten(status) : Stopped(status);
    }
  }
  if (status.ok()) {
    const bool setup_changed = fold_->setup_changed();
    const bool pacing_changed = fold_->pacing_changed();
    fold_->Publish();
    if (setup_changed) {
      Refresh();
    } else if (pacing_changed) {
      Reprice();
    }
  } else {
    fold_->Rollback();
    if (failed_ <= 1) {
      Log(options_.log, Severity::kError, absl::StrCat("A batch was undone: ", status.message()));
    }
  }
  entries_.clear();
  std::vector<Reply> replies;
  replies.swap(replies_);
  for (Reply& reply : replies) reply.run(status);
  ReturnStale();
}

void Sequencer::Failed(const absl::Status& cause) {
  if (!MayPass(cause)) stopped_ = cause;
  in_force_->Failed(std::string(cause.message()));
  retry_at_us_ = MonotonicUs() + std::min(kLongestRetryUs, kRetryUs << std::min(failed_, 10));
  ++failed_;
}

void Sequencer::Worked() {
  if (failed_ > 0) {
    Log(options_.log, Severity::kWarning,
        absl::StrCat("The journal is written again, after ", failed_, " batches undone."));
  }
  failed_ = 0;
}

void Sequencer::Refresh() {
  const Setup& setup = fold_->setup();
  auto view = std::make_shared<InForce::View>();
  view->model = setup.model_record;
  view->versions = setup.versions;
  view->last_model_entry = setup.last_model_entry;
  view->last_plan_seq = setup.last_plan_seq;
  for (const auto& [budget, made] : setup.made) view->last_plan_of[budget] = made.seq;
  view->published = setup.published;
  for (const auto& [budget, plan] : setup.plans) view->plans.push_back(plan.record);
  if (setup.rules != nullptr) {
    const std::string model = setup.model_record == nullptr ? "" : setup.model_record->hash;
    view->world =
        decision::MakeWorld(setup.valuation(), model, view->plans, *options_.plugins, setup.salt);
    factors_ = fold_->pacing().Factors();
    if (!factors_.empty()) view->world = decision::WithFactors(*view->world, factors_);
  }
  in_force_->Set(std::move(view));
}

void Sequencer::Reprice() {
  std::map<std::string, double> factors = fold_->pacing().Factors();
  // Answers under way are evaluated again by another world: not for the same prices.
  if (factors == factors_) return;
  factors_ = std::move(factors);
  auto view = std::make_shared<InForce::View>(*in_force_->view());
  view->world = decision::WithFactors(*view->world, factors_);
  in_force_->Set(std::move(view));
}

template <typename T>
void Sequencer::ReplyWith(Done<T> done, absl::StatusOr<T> result) {
  replies_.push_back(
      {[done = std::move(done), result = std::move(result)](const absl::Status& committed) mutable {
        if (!done) return;
        if (committed.ok()) {
          done(std::move(result));
        } else {
          done(committed);
        }
      }});
}

template <typename T>
void Sequencer::ReplyAfterTick(Done<T> done, absl::StatusOr<T> result) {
  if (!result.ok()) return ReplyWith<T>(std::move(done), std::move(result));
  ReplyWith<T>(
      [this, done = std::move(done)](absl::StatusOr<T> committed) {
        if (!done) return;
        if (!committed.ok()) return done(std::move(committed));
        after_tick_.push_back([done, committed = std::move(committed)] { done(committed); });
      },
      std::move(result));
}

void Sequencer::Handle(IngestCommand& command) {
  if (!stopped_.ok()) return ReplyWith<IngestResult>(std::move(command.done), Stopped(stopped_));
  IngestResult result;
  result.statuses.reserve(command.events.size());
  for (size_t i = 0; i < command.events.size(); ++i) {
    if (!command.reasons[i].empty()) {
      result.statuses.push_back(EventStatus::kRejected);
      continue;
    }
    const absl::StatusOr<EventStatus> status =
        Accept(command.events[i], std::move(command.payloads[i]), command.fingerprints[i],
               &command.reasons[i]);
    // What came before stays: a repeat finds it by its key.
    if (!status.ok()) {
      return ReplyWith<IngestResult>(std::move(command.done), status.status());
    }
    result.statuses.push_back(*status);
  }
  result.reasons = std::move(command.reasons);
  result.last_seq = fold_->last_seq();
  ReplyWith<IngestResult>(std::move(command.done), std::move(result));
}

std::string Sequencer::WhyTooMuch(const journal::EventRecord& event) const {
  if (event.attributes.empty()) return "";
  const uint32_t number = fold_->change().Find(event.customer_id);
  if (number == 0) return "";  // how many one event may have is checked where it comes in
  const size_t count = fold_->change().CountAttributesWith(number, event);
  const size_t most = options_.limits.attributes_per_customer;
  if (count <= most) return "";
  return absl::StrCat("the customer would have ", count, " attributes, the limit is ", most);
}

absl::StatusOr<EventStatus> Sequencer::Accept(const journal::EventRecord& event,
                                              std::string payload, uint64_t fingerprint,
                                              std::string* why) {
  TENURE_ASSIGN_OR_RETURN(
      const uint64_t seen,
      fold_->events().Find(fingerprint, at_us_, [&](uint64_t seq) -> absl::StatusOr<bool> {
        TENURE_ASSIGN_OR_RETURN(const Entry entry, EntryAt(seq));
        TENURE_ASSIGN_OR_RETURN(const auto other,
                                journal::Decode<journal::EventRecord>(entry.payload));
        return other.source == event.source && other.event_id == event.event_id;
      }));
  if (seen != 0) return EventStatus::kDuplicate;
  *why = WhyTooMuch(event);
  if (!why->empty()) return EventStatus::kRejected;
  const uint32_t customer = fold_->FindOrAdd(event.customer_id);
  Entry entry = NextEntry(Kind::kEvent, customer, event.amount_micros);
  entry.payload = std::move(payload);
  TENURE_RETURN_IF_ERROR(fold_->Apply(entry, event, fingerprint));
  entries_.push_back(std::move(entry));
  TENURE_RETURN_IF_ERROR(ReleaseRevoked(customer, event));
  return EventStatus::kAccepted;
}

void Sequencer::Handle(HoldCommand& command) {
  if (!stopped_.ok()) return ReplyWith<HoldState>(std::move(command.done), Stopped(stopped_));
  ReplyWith<HoldState>(std::move(command.done), SettleHold(command));
}

void Sequencer::Handle(RedeemCommand& command) {
  if (!stopped_.ok()) return ReplyWith<HoldState>(std::move(command.done), Stopped(stopped_));
  ReplyWith<HoldState>(std::move(command.done), Redeem(command));
}

void Sequencer::Handle(RulesCommand& command) {
  if (!stopped_.ok()) return ReplyWith<uint64_t>(std::move(command.done), Stopped(stopped_));
  Flush();
  ReplyAfterTick<uint64_t>(std::move(command.done), Publish(command));
  Flush();
}

void Sequencer::Handle(ModelCommand& command) {
  if (!stopped_.ok()) return ReplyWith<uint64_t>(std::move(command.done), Stopped(stopped_));
  Flush();
  ReplyAfterTick<uint64_t>(std::move(command.done), Record(command));
  Flush();
}

void Sequencer::Handle(PlanCommand& command) {
  if (!stopped_.ok()) return ReplyWith<uint64_t>(std::move(command.done), Stopped(stopped_));
  Flush();
  ReplyWith<uint64_t>(std::move(command.done), Activate(command));
  Flush();
}

void Sequencer::Handle(FindCommand& command) {
  ReplyWith<uint64_t>(std::move(command.done), FindRequest(command.method, command.key));
}

void Sequencer::Handle(TickCommand& command) {
  if (!stopped_.ok()) return ReplyWith<uint64_t>(std::move(command.done), Stopped(stopped_));
  Flush();
  ExpireHolds();
  Flush();
  BeginTick();
  ReplyAfterTick<uint64_t>(std::move(command.done), fold_->last_seq());
  Flush();
}

void Sequencer::Handle(ReadCommand& command) {
  replies_.push_back(
      {[this, read = std::move(command.read)](const absl::Status&) { read(*fold_); }});
}

Entry Sequencer::NextEntry(Kind kind, uint32_t customer, int64_t amount_micros) const {
  Entry entry;
  entry.seq = fold_->last_seq() + 1;
  entry.shard_seq = entry.seq;
  entry.prev_seq = customer == 0 ? 0 : fold_->change().LastSeq(customer);
  entry.kind = kind;
  entry.customer = customer;
  entry.at_us = at_us_;
  entry.amount_micros = amount_micros;
  return entry;
}

absl::StatusOr<Entry> Sequencer::EntryAt(uint64_t seq) const {
  if (!entries_.empty() && seq >= entries_.front().seq) {
    const uint64_t place = seq - entries_.front().seq;
    if (place < entries_.size()) return entries_[place];
  }
  return journal_->Read(seq);
}

absl::StatusOr<uint64_t> Sequencer::FindRequest(Method method, const RequestKey& key) const {
  if (key.request_id.empty()) return 0;
  std::string digest;
  TENURE_ASSIGN_OR_RETURN(
      const uint64_t seq,
      fold_->requests().Find(
          RequestFingerprint(method, key.caller, key.request_id), at_us_,
          [&](uint64_t candidate) -> absl::StatusOr<bool> {
            TENURE_ASSIGN_OR_RETURN(const Entry entry, EntryAt(candidate));
            TENURE_ASSIGN_OR_RETURN(const AnsweredRequest answered, RequestOf(entry));
            digest = answered.key.digest;
            return answered.method == method && answered.key.caller == key.caller &&
                   answered.key.request_id == key.request_id;
          }));
  if (seq != 0 && digest != key.digest) {
    return absl::AlreadyExistsError(
        absl::StrCat("request_id \"", key.request_id.substr(0, key.request_id.find(kRowMark)),
                     "\" was used with another `", DifferingField(digest, key.digest),
                     "`; take a new id for a new request"));
  }
  return seq;
}

void Sequencer::SnapshotWhenDue(bool stopping) {
  if (stopping && snapshot_writer_.joinable()) snapshot_writer_.join();
  // The disk may be slower than the journal grows: changes don't wait for it.
  if (snapshot_writing_) return;
  const uint64_t due =
      stopping ? snapshot_seq_ + 1
               : std::max(snapshot_seq_ + options_.snapshot_every, snapshot_retry_.load());
  if (stopped_.ok() && fold_->last_seq() >= due) WriteSnapshotBeside();
  if (stopping && snapshot_writer_.joinable()) snapshot_writer_.join();
}

void Sequencer::WriteSnapshotBeside() {
  const absl::StatusOr<Entry> last = journal_->Read(fold_->last_seq());
  if (!last.ok()) return;
  Snapshot snapshot{fold_->last_seq(), EntryHash(*last), fold_->Save()};
  if (snapshot_writer_.joinable()) snapshot_writer_.join();
  snapshot_writing_ = true;
  snapshot_writer_ = std::thread([this, snapshot = std::move(snapshot)] {
    const absl::Status status = WriteSnapshot(options_.data_dir, snapshot);
    if (status.ok()) {
      snapshot_seq_ = snapshot.seq;
    } else {
      // Soon again, but not at every entry: each try copies the whole state.
      snapshot_retry_ = snapshot.seq + std::max<uint64_t>(1, options_.snapshot_every / 16);
      Log(options_.log, Severity::kWarning,
          absl::StrCat("No snapshot was written: ", status.message()));
    }
    snapshot_writing_ = false;
  });
}

}  // namespace tenure::engine
