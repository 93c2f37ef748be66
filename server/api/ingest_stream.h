// One IngestEvents stream. Internal to api/: includes grpcpp.
#ifndef TENURE_SERVER_API_INGEST_STREAM_H_
#define TENURE_SERVER_API_INGEST_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/api/gatekeeper.h"
#include "server/base/mutex.h"
#include "server/engine/engine.h"
#include "tenure/v1/customer_service.pb.h"

namespace tenure::api {

// Reads chunks, hands them to the engine, acknowledges each once it is durable, in order. Reads no
// further while Limits::unacknowledged_chunks wait. It finishes once, when the client has sent its
// last chunk (or gone, or sent a bad one, or the server drains) and nothing waits any more.
// Thread-safe as gRPC and the engine need it.
class IngestStream final : public grpc::ServerBidiReactor<tenure::v1::IngestEventsRequest,
                                                          tenure::v1::IngestEventsResponse>,
                           public OpenStream,
                           public std::enable_shared_from_this<IngestStream> {
 public:
  // It keeps itself until gRPC is done with it.
  static IngestStream* Start(Gatekeeper* gatekeeper, const grpc::CallbackServerContext& context);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void Drain() override;

 private:
  // A chunk between its arrival and its acknowledgement.
  struct Pending {
    int64_t number = 0;
    tenure::v1::IngestEventsResponse acknowledgement;
    std::vector<int> sent;  // positions of the events that the engine was given
    bool ready = false;
  };

  // What gRPC is to be told next; decided under the mutex, said outside.
  struct Next {
    bool read = false;
    bool write = false;
    bool finish = false;
  };

  explicit IngestStream(Gatekeeper* gatekeeper) : gatekeeper_(gatekeeper) {}
  absl::Status Admit(const grpc::CallbackServerContext& context);
  absl::Status Take();
  void Durable(Pending* chunk, const absl::StatusOr<engine::IngestResult>& result);
  void End(absl::Status answer) TENURE_REQUIRES(mutex_);
  Next Advance() TENURE_REQUIRES(mutex_);
  void Speak();

  Gatekeeper* const gatekeeper_;
  engine::Engine* engine_ = nullptr;
  std::shared_ptr<IngestStream> self_;  // until OnDone
  bool entered_ = false;
  tenure::v1::IngestEventsRequest request_;  // gRPC's while a read is under way
  tenure::v1::IngestEventsResponse written_;

  Mutex mutex_;
  std::deque<Pending> pending_ TENURE_GUARDED_BY(mutex_);
  bool speaking_ TENURE_GUARDED_BY(mutex_) = false;  // a thread is in Speak
  bool reading_ TENURE_GUARDED_BY(mutex_) = false;
  bool writing_ TENURE_GUARDED_BY(mutex_) = false;
  bool ended_ TENURE_GUARDED_BY(mutex_) = false;    // no chunk will be taken any more
  bool drained_ TENURE_GUARDED_BY(mutex_) = false;  // nor waited for
  bool broken_ TENURE_GUARDED_BY(mutex_) = false;   // the client takes no acknowledgement any more
  bool finished_ TENURE_GUARDED_BY(mutex_) = false;
  absl::Status answer_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_INGEST_STREAM_H_
