// Streams of events: how many there may be, how they end, and clients that go at any moment.
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/engine/engine.h"
#include "tenure/v1/customer_service.grpc.pb.h"
#include "tests/api/ask.h"
#include "tests/api/running_server.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::StatusCode;

// `events` purchases; where `right` is false, none that could be recorded.
v1::IngestEventsRequest Chunk(const std::string& id, int events, bool right = true) {
  v1::IngestEventsRequest chunk;
  for (int i = 0; i < events; ++i) {
    v1::Event* const event = chunk.add_events();
    event->set_id(absl::StrCat(id, "/", i));
    event->set_source("test");
    event->set_customer(absl::StrCat("customers/c", i));
    event->mutable_purchase()->set_revenue_micros(right ? 1 : -1);
  }
  return chunk;
}

class StreamTest : public testing::Test {
 protected:
  void Serve(RunningServer::Options options) {
    server = std::make_unique<RunningServer>(options);
    stub = v1::CustomerService::NewStub(server->channel());
  }
  std::unique_ptr<RunningServer> server;
  std::unique_ptr<v1::CustomerService::Stub> stub;
};

TEST_F(StreamTest, OneOverTheOpenCalls_IsRefusedAndSaysWhenToRetry) {
  RunningServer::Options options;
  options.access.open_calls = 2;
  Serve(options);
  grpc::ClientContext contexts[3];
  v1::IngestEventsResponse acknowledgement;
  std::vector<
      std::unique_ptr<grpc::ClientReaderWriter<v1::IngestEventsRequest, v1::IngestEventsResponse>>>
      open;
  for (int i = 0; i < 2; ++i) {
    open.push_back(stub->IngestEvents(&contexts[i]));
    open[i]->Write(Chunk(absl::StrCat(i), 1));
    ASSERT_TRUE(open[i]->Read(&acknowledgement));
  }
  const grpc::Status refused = stub->IngestEvents(&contexts[2])->Finish();
  EXPECT_EQ(refused.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(refused), "LIMIT_EXCEEDED");
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(refused).retry_delay().nanos(), 0);
  for (auto& stream : open) {
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
  server->AddCustomer("ann");  // there is room again
}

TEST_F(StreamTest, DrainOfAnIdleStream_EndsItWithTheReason) {
  Serve({});
  grpc::ClientContext context;
  const auto stream = stub->IngestEvents(&context);
  stream->Write(Chunk("a", 1));
  v1::IngestEventsResponse acknowledgement;
  ASSERT_TRUE(stream->Read(&acknowledgement));
  std::thread drain([&] { server->server().Drain(30'000); });
  EXPECT_FALSE(stream->Read(&acknowledgement));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "DRAINING");
  drain.join();
}

TEST_F(StreamTest, DrainOfABusyStream_AcknowledgesAllThatIsRecorded) {
  Serve({});
  const uint64_t before = server->engine().health().last_seq;
  grpc::ClientContext context;
  const auto stream = stub->IngestEvents(&context);
  std::thread writer([&] {
    for (int i = 0; stream->Write(Chunk(absl::StrCat(i), 500)); ++i) {
    }
  });
  std::atomic<uint64_t> accepted{0};
  std::thread reader([&] {
    v1::IngestEventsResponse acknowledgement;
    while (stream->Read(&acknowledgement)) {
      for (const auto& status : acknowledgement.statuses()) {
        if (status.outcome() == v1::EVENT_OUTCOME_ACCEPTED) ++accepted;
      }
    }
  });
  while (accepted < 2'000) std::this_thread::yield();
  server->server().Drain(60'000);
  reader.join();
  writer.join();
  EXPECT_EQ(ReasonOf(stream->Finish()), "DRAINING");
  EXPECT_EQ(server->engine().health().last_seq - before, accepted);
}

// Chunks without a right event are acknowledged at once, those with one by the engine's thread: so
// reads, writes, acknowledgements and the end come from three threads at once.
TEST_F(StreamTest, ClientsThatGoAtAnyMoment_LeaveTheServerServing) {
  Serve({});
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 60; ++i) {
        grpc::ClientContext context;
        const auto stream = stub->IngestEvents(&context);
        for (int k = 0; k < 6; ++k) {
          stream->Write(Chunk(absl::StrCat(c, "/", i, "/", k), 3, (k + i) % 2 == 0));
        }
        v1::IngestEventsResponse acknowledgement;
        for (int k = 0; k < i % 4; ++k) stream->Read(&acknowledgement);
        if (i % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(37 * i));
        context.TryCancel();
        EXPECT_FALSE(stream->Finish().ok());
      }
    });
  }
  for (std::thread& client : clients) client.join();
  server->AddCustomer("bob");
  EXPECT_TRUE(Decide(*server, "customers/bob", "r").status.ok());
}

}  // namespace
}  // namespace tenure::api
