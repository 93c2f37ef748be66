#include "server/api/ingest_stream.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/errors.h"
#include "server/api/event_conversion.h"

namespace tenure::api {

namespace v1 = tenure::v1;

IngestStream::IngestStream(Gatekeeper* gatekeeper, const grpc::CallbackServerContext& context)
    : gatekeeper_(gatekeeper) {
  std::string caller;
  absl::Status status = gatekeeper->Open();
  if (status.ok()) status = gatekeeper->Identify(context, &caller);
  Next next;
  {
    MutexLock lock(&mutex_);
    if (status.ok()) {
      engine_ = gatekeeper->backend()->engine;
    } else {
      ended_ = true;
      answer_ = std::move(status);
    }
    next = Advance();
  }
  Do(next);
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
  // A broken stream does not wait for its read: the client may send nothing before it hears of it.
  const bool read_matters = reading_ && !broken_;
  if (ended_ && !read_matters && !writing_ && pending_.empty()) finished_ = next.finish = true;
  return next;
}

void IngestStream::Do(Next next) {
  // After the last of these `this` may be gone.
  if (next.write) StartWrite(&written_);
  if (next.read) StartRead(&request_);
  if (next.finish) {
    absl::Status answer;
    {
      MutexLock lock(&mutex_);
      answer = answer_;
    }
    if (!answer.ok()) {
      spdlog::info("IngestEvents: {}: {}", ReasonOf(answer), std::string(answer.message()));
    }
    Finish(ToGrpc(answer));
  }
}

void IngestStream::OnReadDone(bool ok) {
  absl::Status status = ok ? gatekeeper_->Open() : absl::OkStatus();
  if (ok && status.ok()) status = Take();
  Next next;
  {
    MutexLock lock(&mutex_);
    reading_ = false;
    if (!ok || !status.ok()) ended_ = true;
    if (!status.ok() && answer_.ok()) answer_ = std::move(status);
    next = Advance();
  }
  Do(next);
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
  Pending chunk;
  chunk.number = request_.chunk();
  std::vector<journal::EventRecord> events;
  events.reserve(static_cast<size_t>(request_.events_size()));
  for (int i = 0; i < request_.events_size(); ++i) {
    v1::EventStatus* const status = chunk.acknowledgement.add_statuses();
    journal::EventRecord record;
    std::string wrong = ConvertEvent(request_.events(i), limits, now_us, &record);
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
    engine_->Ingest(std::move(events), [this, kept](absl::StatusOr<engine::IngestResult> result) {
      Durable(kept, result);
    });
  }
  return absl::OkStatus();
}

void IngestStream::Durable(Pending* chunk, const absl::StatusOr<engine::IngestResult>& result) {
  Next next;
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
      if (answer_.ok()) {
        const absl::Status status = FromEngine(result.status(), {});
        answer_ = WithReason(
            absl::Status(status.code(), absl::StrCat("chunk ", chunk->number,
                                                     " was not recorded: ", status.message(),
                                                     "; send it and all after it again")),
            ReasonOf(status));
      }
      broken_ = ended_ = true;
    }
    next = Advance();
  }
  Do(next);
}

void IngestStream::OnWriteDone(bool ok) {
  Next next;
  {
    MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) broken_ = ended_ = true;
    next = Advance();
  }
  Do(next);
}

void IngestStream::OnCancel() {
  Next next;
  {
    MutexLock lock(&mutex_);
    broken_ = ended_ = true;
    if (answer_.ok()) answer_ = absl::CancelledError("the client has gone");
    next = Advance();
  }
  Do(next);
}

}  // namespace tenure::api
