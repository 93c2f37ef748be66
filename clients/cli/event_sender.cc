#include "clients/cli/event_sender.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <deque>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "tenure/v1/customer_service.grpc.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

constexpr int kEventsPerChunk = 2'000;
constexpr size_t kChunksUnderWay = 4;
constexpr size_t kReasonsKept = 1'000;

}  // namespace

void ImportSummary::Reject(int64_t line, std::string why) {
  ++rejected;
  if (reasons.size() < kReasonsKept) reasons.emplace_back(line, std::move(why));
}

class EventSender::Stream {
 public:
  explicit Stream(const Client& client) : stub(v1::CustomerService::NewStub(client.channel())) {
    Client::Prepare(&context);
    stream = stub->IngestEvents(&context);
  }

  grpc::ClientContext context;
  const std::unique_ptr<v1::CustomerService::Stub> stub;
  std::unique_ptr<grpc::ClientReaderWriter<v1::IngestEventsRequest, v1::IngestEventsResponse>>
      stream;
  v1::IngestEventsRequest chunk;
  std::vector<int64_t> lines;                  // of the chunk's events
  std::deque<std::vector<int64_t>> under_way;  // of the unacknowledged chunks
  int64_t sent = 0;
  bool broken = false;
};

EventSender::EventSender(Client* client)
    : client_(client), stream_(std::make_unique<Stream>(*client)) {}

EventSender::~EventSender() {
  if (stream_->stream != nullptr) stream_->context.TryCancel();
}

absl::Status EventSender::Send(v1::Event event, int64_t line) {
  stream_->chunk.add_events()->Swap(&event);
  stream_->lines.push_back(line);
  return stream_->chunk.events_size() >= kEventsPerChunk ? Flush() : absl::OkStatus();
}

absl::Status EventSender::Flush() {
  Stream& s = *stream_;
  if (s.chunk.events().empty()) return absl::OkStatus();
  if (s.under_way.size() >= kChunksUnderWay) TENURE_RETURN_IF_ERROR(Acknowledge());
  s.chunk.set_chunk(++s.sent);
  if (!s.stream->Write(s.chunk)) {
    s.broken = true;
    return Finish();
  }
  s.under_way.push_back(std::move(s.lines));
  s.lines.clear();
  s.chunk.Clear();
  return absl::OkStatus();
}

absl::Status EventSender::Acknowledge() {
  Stream& s = *stream_;
  v1::IngestEventsResponse acknowledgement;
  if (!s.stream->Read(&acknowledgement)) {
    s.broken = true;
    return Finish();
  }
  const std::vector<int64_t> lines = std::move(s.under_way.front());
  s.under_way.pop_front();
  for (int i = 0; i < acknowledgement.statuses_size(); ++i) {
    const v1::EventStatus& status = acknowledgement.statuses(i);
    if (status.outcome() == v1::EVENT_OUTCOME_ACCEPTED) {
      ++summary_.accepted;
    } else if (status.outcome() == v1::EVENT_OUTCOME_DUPLICATE) {
      ++summary_.duplicates;
    } else {
      summary_.Reject(lines[static_cast<size_t>(i)], status.message());
    }
  }
  return absl::OkStatus();
}

absl::Status EventSender::Finish() {
  Stream& s = *stream_;
  if (!s.broken) TENURE_RETURN_IF_ERROR(Flush());
  while (!s.broken && !s.under_way.empty()) TENURE_RETURN_IF_ERROR(Acknowledge());
  if (s.stream == nullptr) return absl::OkStatus();
  if (!s.broken) s.stream->WritesDone();
  const absl::Status status = client_->Error(s.stream->Finish());
  s.stream.reset();
  if (status.ok() && s.broken) return absl::UnavailableError("the server ended the stream early");
  if (status.ok()) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(), "\n", summary_.accepted,
                   " events were recorded before that; the same import again sends the rest and "
                   "counts those as duplicates"));
}

}  // namespace tenure::cli
