// `tenure commit HOLD`, `tenure release HOLD`
#include <iostream>
#include <memory>
#include <string>

#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "tenure/v1/decision_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

struct HoldOptions {
  std::string hold;
  std::string actual;
  std::string request_id;
};

absl::Status PrintHold(const Session& session, const v1::Hold& hold) {
  if (session.json) return PrintMessage(hold);
  std::cout << hold.name() << ": " << v1::HoldState_Name(hold.state()).substr(11) << ", held "
            << FormatMicros(hold.held_micros()) << ", committed "
            << FormatMicros(hold.committed_micros()) << " " << hold.currency_code() << "\n";
  return absl::OkStatus();
}

absl::Status Commit(const Session& session, const HoldOptions& options) {
  v1::CommitHoldRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_name(WithPrefix("holds/", options.hold));
  if (!options.actual.empty()) {
    TENURE_ASSIGN_OR_RETURN(const int64_t actual, ParseMicros(options.actual));
    request.set_actual_micros(actual);
  }
  v1::CommitHoldResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/CommitHold", request, &response));
  return PrintHold(session, response.hold());
}

absl::Status Release(const Session& session, const HoldOptions& options) {
  v1::ReleaseHoldRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_name(WithPrefix("holds/", options.hold));
  v1::ReleaseHoldResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/ReleaseHold", request, &response));
  return PrintHold(session, response.hold());
}

}  // namespace

void AddHolds(const Command& app, Session* session) {
  auto options = std::make_shared<HoldOptions>();
  const Command commit = app.Add(session, "commit", "say what an offer cost in the end",
                                 [=] { return Commit(*session, *options); });
  commit.AddOption("hold", options->hold, "holds/{id}, or the id").Required();
  commit.AddOption("--actual", options->actual, "amount, such as 3.50; left out: all of it");
  const Command release =
      app.Add(session, "release", "give a hold back", [=] { return Release(*session, *options); });
  release.AddOption("hold", options->hold, "holds/{id}, or the id").Required();
  for (const Command& command : {commit, release}) {
    command.AddOption("--request-id", options->request_id, "makes a retry by hand safe");
  }
}

}  // namespace tenure::cli
