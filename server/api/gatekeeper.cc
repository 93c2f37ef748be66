#include "server/api/gatekeeper.h"

#include <grpcpp/server_context.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/api/call.h"
#include "server/api/errors.h"
#include "server/base/clock.h"

namespace tenure::api {
namespace {

constexpr int64_t kWatchUs = 100'000;
constexpr size_t kWaitingTasks = 1'024;
constexpr size_t kWaitingLongTasks = 64;

bool IsCallerName(absl::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// One line whatever the text holds: callers' words go to the log.
std::string OneLine(absl::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppend(&line, "\\x", absl::Hex(byte, absl::kZeroPad2));
    } else {
      line.push_back(c);
    }
  }
  return line;
}

absl::Status Draining() {
  return WithRetryAfter(
      WithReason(absl::UnavailableError("the server is stopping; ask another or retry later"),
                 "DRAINING"),
      1'000);
}

}  // namespace

Gatekeeper::Gatekeeper(AccessOptions options, int workers, int long_workers)
    : options_(std::move(options)),
      workers_(workers, kWaitingTasks),
      long_workers_(long_workers, kWaitingLongTasks),
      watch_([this] { Watch(); }) {}

Gatekeeper::~Gatekeeper() {
  {
    MutexLock lock(&mutex_);
    closing_ = true;
  }
  closing_changed_.NotifyAll();
  watch_.join();
}

void Gatekeeper::Drain() {
  draining_.store(true);
  std::vector<std::shared_ptr<OpenStream>> streams;
  {
    MutexLock lock(&mutex_);
    for (const auto& [raw, stream] : streams_) {
      if (auto held = stream.lock()) streams.push_back(std::move(held));
    }
  }
  for (const auto& stream : streams) stream->Drain();
}

absl::Status Gatekeeper::Open() const {
  if (draining_.load()) return Draining();
  if (backend_.load() == nullptr) {
    return WithRetryAfter(
        WithReason(absl::UnavailableError("the server is still reading its journal; retry"),
                   "RECOVERING"),
        1'000);
  }
  return absl::OkStatus();
}

absl::Status Gatekeeper::Identify(const grpc::ServerContextBase& context,
                                  std::string* caller) const {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("tenure-caller");
  if (found == metadata.end()) {
    *caller = "anonymous";
  } else {
    caller->assign(found->second.data(), found->second.size());
    if (caller->empty() || caller->size() > options_.limits.id_bytes || !IsCallerName(*caller)) {
      Violations violations;
      violations.Add("metadata.tenure-caller",
                     absl::StrCat("must be 1 to ", options_.limits.id_bytes,
                                  " printable ASCII characters without spaces"));
      return violations.ToStatus();
    }
  }
  const auto& allowed = options_.callers;
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), *caller) != allowed.end()) {
    return absl::OkStatus();
  }
  return WithReason(absl::PermissionDeniedError(absl::StrCat(
                        "caller `", *caller,
                        "` is not in this server's list of callers: set the "
                        "metadata `tenure-caller`, or add it to `callers` in the configuration")),
                    "CALLER_UNKNOWN");
}

absl::Status Gatekeeper::CheckRoom() const {
  if (open_ + streams_.size() < options_.open_calls) return absl::OkStatus();
  return WithRetryAfter(OverLimit("server.open_calls", "too many calls are under way"), 100);
}

absl::Status Gatekeeper::Enter(OpenCall* call) {
  MutexLock lock(&mutex_);
  if (absl::Status room = CheckRoom(); !room.ok()) return room;
  ++open_;
  call->next_ = first_;
  if (first_ != nullptr) first_->previous_ = call;
  first_ = call;
  return absl::OkStatus();
}

void Gatekeeper::Leave(OpenCall* call, bool entered, const absl::Status& answer) {
  {
    MutexLock lock(&mutex_);
    ++counts_[{call->method(), answer.raw_code()}];
    if (entered) {
      --open_;
      if (call->next_ != nullptr) call->next_->previous_ = call->previous_;
      (call->previous_ != nullptr ? call->previous_->next_ : first_) = call->next_;
    }
  }
  if (answer.ok()) return;
  spdlog::info("{} for {}: {} {} after {} us: {}", call->method(),
               call->caller().empty() ? "unknown" : call->caller(),
               absl::StatusCodeToString(answer.code()), ReasonOf(answer),
               MonotonicUs() - call->started_us(), OneLine(answer.message()));
}

absl::Status Gatekeeper::EnterStream(const std::shared_ptr<OpenStream>& stream) {
  MutexLock lock(&mutex_);
  if (draining_.load()) return Draining();  // Drain has gone through the streams already
  if (absl::Status room = CheckRoom(); !room.ok()) return room;
  streams_[stream.get()] = stream;
  return absl::OkStatus();
}

void Gatekeeper::LeaveStream(OpenStream* stream, bool entered, const absl::Status& answer) {
  {
    MutexLock lock(&mutex_);
    ++counts_[{"IngestEvents", answer.raw_code()}];
    if (entered) streams_.erase(stream);
  }
  if (answer.ok()) return;
  spdlog::info("IngestEvents: {}: {}", ReasonOf(answer), OneLine(answer.message()));
}

size_t Gatekeeper::open() const {
  MutexLock lock(&mutex_);
  return open_ + streams_.size();
}

std::string Gatekeeper::Counts() const {
  MutexLock lock(&mutex_);
  std::string text, last;
  for (const auto& [key, count] : counts_) {
    const std::string code = absl::StatusCodeToString(static_cast<absl::StatusCode>(key.second));
    if (key.first == last) {
      absl::StrAppend(&text, ", ", code, " ", count);
    } else {
      absl::StrAppend(&text, text.empty() ? "" : "; ", key.first, " ", code, " ", count);
    }
    last = key.first;
  }
  return text;
}

std::vector<std::shared_ptr<OpenCall>> Gatekeeper::OpenUntil(int64_t deadline_us) {
  std::vector<std::shared_ptr<OpenCall>> found;
  for (OpenCall* call = first_; call != nullptr; call = call->next_) {
    if (call->deadline_us() > deadline_us) continue;
    if (auto held = call->weak_from_this().lock()) found.push_back(std::move(held));
  }
  return found;
}

void Gatekeeper::Abandon() {
  std::vector<std::shared_ptr<OpenCall>> left;
  {
    MutexLock lock(&mutex_);
    left = OpenUntil(std::numeric_limits<int64_t>::max());
  }
  for (const auto& call : left) call->Fail(Draining());
}

void Gatekeeper::Watch() {
  while (true) {
    std::vector<std::shared_ptr<OpenCall>> late;
    {
      MutexLock lock(&mutex_);
      if (closing_) return;
      closing_changed_.WaitFor(&mutex_, kWatchUs);
      if (closing_) return;
      late = OpenUntil(MonotonicUs());
    }
    for (const auto& call : late) {
      call->Fail(absl::DeadlineExceededError(
          "no answer within the deadline; with the same request_id a retry gets the answer that "
          "may have been recorded"));
    }
  }
}

}  // namespace tenure::api
