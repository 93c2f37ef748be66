#include "tests/api/running_server.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tenure/v1/customer_service.grpc.pb.h"
#include "tests/api/health_probe.h"

namespace tenure::api {
namespace {

constexpr int64_t kStartUs = 1'515'000'000 * int64_t{1'000'000};  // 3 January 2018

std::string NewFolder() {
  std::string pattern = ::testing::TempDir() + "/tenure_api_XXXXXX";
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  return pattern;
}

std::string Rules(const RunningServer::Options& options) {
  if (!options.rules.empty()) return options.rules;
  return absl::StrCat(
      "name: shop\ncurrency: USD\nzone: UTC\n"
      "tracks:\n  - id: lifecycle\n    stages:\n      - {id: new, enter: purchases >= 1}\n",
      options.budgets,
      "campaigns:\n  - id: stuck\n    title: Stuck\n    channel: email\n"
      "    eligible: purchases >= 1\n    plugin: stuck\n    params: {ms: ",
      options.stuck_ms, "}\n    offers:\n      - {id: message, title: Hello, contact_cost: 0.02}\n",
      options.budgets.empty() ? "" : "    budget: all\n", options.campaigns);
}

}  // namespace

RunningServer::RunningServer(Options options) : folder_(NewFolder()) {
  std::filesystem::create_directory(folder_ + "/rules");
  std::ofstream(folder_ + "/rules/rules.yaml") << Rules(options);
  ServerOptions server;
  server.listen = "127.0.0.1:0";
  server.access = options.access;
  auto listening = Server::Listen(server);
  EXPECT_TRUE(listening.ok()) << listening.status();
  server_ = *std::move(listening);
  if (options.serve) {
    daemon::Config config;
    config.data_dir = folder_ + "/data";
    config.rules = folder_ + "/rules";
    config.plugins = std::string(std::getenv("TENURE_BINARY_DIR")) + "/lib/tenure/stuck-plugin";
    config.limits = options.access.limits;
    if (options.rate != 1) config.clock = {kStartUs, options.rate};
    auto house = daemon::House::Open(config);
    EXPECT_TRUE(house.ok()) << house.status();
    house_ = *std::move(house);
    server_->Serve(house_->backend());
  }
  channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                 grpc::InsecureChannelCredentials());
}

RunningServer::~RunningServer() {
  server_->Drain(0);
  house_.reset();
  server_.reset();
  std::filesystem::remove_all(folder_);
}

void RunningServer::AddCustomers(const std::vector<std::string>& ids) {
  const auto stub = tenure::v1::CustomerService::NewStub(channel_);
  grpc::ClientContext context;
  const auto stream = stub->IngestEvents(&context);
  tenure::v1::IngestEventsRequest chunk;
  for (const std::string& id : ids) {
    for (const char* kind : {"consent", "purchase"}) {
      tenure::v1::Event* const event = chunk.add_events();
      event->set_id(absl::StrCat(kind, "/", id));
      event->set_source("test");
      event->set_customer("customers/" + id);
    }
    tenure::v1::Consent* const consent =
        chunk.mutable_events(chunk.events_size() - 2)->mutable_consent();
    consent->set_channel("email");
    consent->set_state(tenure::v1::CONSENT_STATE_GRANTED);
    chunk.mutable_events(chunk.events_size() - 1)
        ->mutable_purchase()
        ->set_revenue_micros(10'000'000);
  }
  stream->Write(chunk);
  stream->WritesDone();
  tenure::v1::IngestEventsResponse acknowledgement;
  ASSERT_TRUE(stream->Read(&acknowledgement));
  for (const auto& status : acknowledgement.statuses()) {
    ASSERT_EQ(status.outcome(), tenure::v1::EVENT_OUTCOME_ACCEPTED) << status.message();
  }
  ASSERT_TRUE(stream->Finish().ok());
}

int RunningServer::Health(const std::string& service, int timeout_ms) const {
  std::string why;
  return ProbeHealth(channel_, service, timeout_ms, &why);
}

}  // namespace tenure::api
