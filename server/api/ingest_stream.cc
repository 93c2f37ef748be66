#include "server/api/ingest_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/errors.h"
#include "server/api/event_conversion.h"
#include "server/base/status.h"

namespace tenure::api {

namespace v1 = tenure::v1;

IngestStream* IngestStream::Start(Gatekeeper* gatekeeper,
                                  const grpc::CallbackServerContext& context) {
  const std::shared_ptr<IngestStream> stream(new IngestStream(gatekeeper));
  stream->self_ = stream;
  absl::Status status = stream->Admit(context);
  {
    MutexLock lock(&stream->mutex_);
    if (!status.ok()) stream->End(std::move(status));
  }
  stream->Speak();
  return stream.get();
}

absl::Status IngestStream::Admit(const grpc::CallbackServerContext& context) {
  std::string caller;
  TENURE_RETURN_IF_ERROR(gatekeeper_->Open());
  TENURE_RETURN_IF_ERROR(gatekeeper_->Identify(context, &caller));
  TENURE_RETURN_IF_ERROR(gatekeeper_->EnterStream(shared_from_this()));
  entered_ = true;
  engine_ = gatekeeper_->backend()->engine;
  return absl::OkStatus();
}

void IngestStream::OnDone() { const std::shared_ptr<IngestStream> self = std::move(self_); }

// No chunk is taken from here on; the first reason is the one that is told.
void IngestStream::End(absl::Status answer) {
  ended_ = true;
  if (answer_.ok()) answer_ = std::move(answer);
}

// What to do now. Reads go on while there is room, writes one at a time and in order, and the end
// comes when nothing is left to do.
IngestStream::Next IngestStream::Advance() {
  Next next;
  if (finished_) return next;
  if (!writing_ && !broken_ && !pending_.empty() && pending_.front().ready) {
    written_ = std::move(pending_.front().acknowledgement);
    pending_.pop_front();
    writing_ = next.write = true;
  }
  while (broken_ && !pending_.empty() && pending_.front().ready) pending_.pop_front();
  if (!reading_ && !ended_ && pending_.size() < gatekeeper_->limits().unacknowledged_chunks) {
    reading_ = next.read = true;
  }
  // A broken or drained stream does not wait for its read: the client may send nothing before it
  // hears of it.
  const bool read_matters = reading_ && !broken_ && !drained_;
  if (ended_ && !read_matters && !writing_ && pending_.empty()) finished_ = next.finish = true;
  return next;
}

// Tells gRPC what there is to tell. One thread at a time does, and looks again at what the others
// have changed meanwhile: so nobody starts a read or a write on a stream that another has finished,
// which gRPC may by then have done with.
void IngestStream::Speak() {
  mutex_.Lock();
  if (speaking_) return mutex_.Unlock();
  speaking_ = true;
  for (Next next = Advance(); next.read || next.write || next.finish; next = Advance()) {
    const absl::Status answer = answer_;
    mutex_.Unlock();
    if (next.read) StartRead(&request_);
    if (next.write) StartWrite(&written_);
    if (next.finish) {
      gatekeeper_->LeaveStream(this, entered_, answer);
      return Finish(ToGrpc(answer));  // from here on `this` may be gone
    }
    mutex_.Lock();
  }
  speaking_ = false;
  mutex_.Unlock();
}

void IngestStream::OnReadDone(bool ok) {
  absl::Status status = ok ? gatekeeper_->Open() : absl::OkStatus();
  if (ok && status.ok()) status = Take();
  {
    MutexLock lock(&mutex_);
    reading_ = false;
    if (!ok || !status.ok()) End(std::move(status));
  }
  Speak();
}

void IngestStream::Drain() {
  {
    MutexLock lock(&mutex_);
    drained_ = true;
    End(gatekeeper_->Open());
  }
  Speak();
}

// Checks the chunk that was read and hands its well-formed events to the engine.
absl::Status IngestStream::Take() {
  const Limits& limits = gatekeeper_->limits();
  if (static_cast<size_t>(request_.events_size()) > limits.events_per_chunk) {
    return OverLimit("events",
                     absl::StrCat("at most ", limits.events_per_chunk, " events a chunk, chunk ",
                                  request_.chunk(), " has ", request_.events_size()));
  }
  const int64_t now_us = engine_->NowUs();
  const auto world = engine_->world();
  const std::string currency = world && world->rules ? world->rules->currency : "";
  Pending chunk;
  chunk.number = request_.chunk();
  std::vector<journal::EventRecord> events;
  events.reserve(static_cast<size_t>(request_.events_size()));
  for (int i = 0; i < request_.events_size(); ++i) {
    v1::EventStatus* const status = chunk.acknowledgement.add_statuses();
    journal::EventRecord record;
    std::string wrong = ConvertEvent(request_.events(i), limits, currency, now_us, &record);
    if (wrong.empty()) {
      events.push_back(std::move(record));
      chunk.sent.push_back(i);
    } else {
      status->set_outcome(v1::EVENT_OUTCOME_REJECTED);
      status->set_message(std::move(wrong));
    }
  }
  chunk.acknowledgement.set_chunk(chunk.number);
  Pending* kept;  // a deque keeps its elements in place while others come and go at its ends
  {
    MutexLock lock(&mutex_);
    if (broken_) return absl::OkStatus();  // it may be finished by now: nobody would be told
    chunk.ready = events.empty();
    pending_.push_back(std::move(chunk));
    kept = &pending_.back();
  }
  if (!events.empty()) {
    engine_->Ingest(std::move(events),
                    [self = shared_from_this(), kept](absl::StatusOr<engine::IngestResult> result) {
                      self->Durable(kept, result);
                    });
  }
  return absl::OkStatus();
}

void IngestStream::Durable(Pending* chunk, const absl::StatusOr<engine::IngestResult>& result) {
  {
    MutexLock lock(&mutex_);
    for (size_t i = 0; i < chunk->sent.size() && result.ok(); ++i) {
      v1::EventStatus* const status = chunk->acknowledgement.mutable_statuses(chunk->sent[i]);
      switch (result->statuses[i]) {
        case engine::EventStatus::kAccepted:
          status->set_outcome(v1::EVENT_OUTCOME_ACCEPTED);
          break;
        case engine::EventStatus::kDuplicate:
          status->set_outcome(v1::EVENT_OUTCOME_DUPLICATE);
          break;
        case engine::EventStatus::kRejected:
          status->set_outcome(v1::EVENT_OUTCOME_REJECTED);
          if (i < result->reasons.size()) status->set_message(result->reasons[i]);
          break;
      }
    }
    chunk->ready = true;
    if (!result.ok()) {
      // Nothing of this chunk is recorded, so nothing may be acknowledged from here on.
      broken_ = true;
      const absl::Status status = FromEngine(result.status(), {});
      End(WithReason(
          absl::Status(status.code(), absl::StrCat("chunk ", chunk->number,
                                                   " was not recorded: ", status.message(),
                                                   "; send it and all after it again")),
          ReasonOf(status)));
    }
  }
  Speak();
}

void IngestStream::OnWriteDone(bool ok) {
  {
    MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) broken_ = ended_ = true;
  }
  Speak();
}

void IngestStream::OnCancel() {
  {
    MutexLock lock(&mutex_);
    broken_ = true;
    End(absl::CancelledError("the client has gone"));
  }
  Speak();
}

}  // namespace tenure::api
