// `tenure explain DECISION`, `tenure replay DECISION`
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "server/base/status.h"
#include "tenure/v1/decision_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

absl::Status Explain(const Session& session, const std::string& decision) {
  v1::ExplainDecisionRequest request;
  request.set_name(WithPrefix("decisions/", decision));
  v1::ExplainDecisionResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/ExplainDecision", request, &response));
  if (session.json) return PrintMessage(response);
  std::cout << response.text();
  return absl::OkStatus();
}

absl::Status Replay(const Session& session, const std::string& decision) {
  v1::ReplayDecisionRequest request;
  request.set_name(WithPrefix("decisions/", decision));
  v1::ReplayDecisionResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/ReplayDecision", request, &response));
  if (session.json) TENURE_RETURN_IF_ERROR(PrintMessage(response));
  if (response.identical()) {
    if (!session.json) {
      std::cout << request.name() << ": identical, bit for bit: " << response.decision().why()
                << "\n";
    }
    return absl::OkStatus();
  }
  std::string differences;
  for (const std::string& difference : response.differences()) {
    absl::StrAppend(&differences, "\n  ", difference);
  }
  return absl::DataLossError(absl::StrCat(request.name(), " replays differently:", differences));
}

}  // namespace

void AddExplain(const Command& app, Session* session) {
  auto decision = std::make_shared<std::string>();
  const Command explain = app.Add(session, "explain", "why a decision came out as it did",
                                  [=] { return Explain(*session, *decision); });
  explain.AddOption("decision", *decision, "decisions/{id}, or the id").Required();
  const Command replay =
      app.Add(session, "replay", "decide again from the record and compare bit for bit",
              [=] { return Replay(*session, *decision); });
  replay.AddOption("decision", *decision, "decisions/{id}, or the id").Required();
}

}  // namespace tenure::cli
