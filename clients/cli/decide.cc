// `tenure decide CUSTOMER…`
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "clients/cli/table.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "tenure/v1/decision_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

struct DecideOptions {
  std::vector<std::string> customers;
  std::string request_id;
  bool dry_run = false;
  bool full = false;
};

void AddRow(const v1::Decision& decision, Table* table) {
  const std::vector<std::string> who = {decision.customer().substr(10),
                                        decision.stage().empty() ? "-" : decision.stage(),
                                        decision.tier().empty() ? "-" : decision.tier()};
  std::string name = decision.name().empty() ? "-" : decision.name();
  if (decision.selections().empty()) {
    table->Add({name, who[0], who[1], who[2], "nothing", "-", "-", "-", decision.why()});
  }
  for (const v1::Selection& selection : decision.selections()) {
    table->Add({name, who[0], who[1], who[2],
                absl::StrCat(selection.campaign(), "/", selection.offer()),
                absl::StrCat(DisplayMicros(selection.gross_value_micros()), " ± ",
                             DisplayMicros(selection.gross_value_stderr_micros())),
                DisplayMicros(selection.expected_cost_micros()),
                selection.hold().empty() ? "-" : selection.hold(), decision.why()});
    name = "";
  }
}

absl::Status Decide(const Session& session, const DecideOptions& options) {
  v1::BatchDecideRequest request;
  request.set_request_id(RequestId(options.request_id));
  for (const std::string& customer : options.customers) {
    request.add_customers(WithPrefix("customers/", customer));
  }
  request.set_validate_only(options.dry_run);
  request.set_view(options.full ? v1::DECISION_VIEW_FULL : v1::DECISION_VIEW_BASIC);
  v1::BatchDecideResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("DecisionService/BatchDecide", request, &response));
  Table table({"decision", "customer", "stage", "tier", "offer", "gross value ± s.e.",
               "expected cost", "hold", "why"});
  std::string failed;
  for (int i = 0; i < response.results_size(); ++i) {
    const v1::DecideResult& result = response.results(i);
    if (result.has_decision()) {
      AddRow(result.decision(), &table);
    } else {
      absl::StrAppend(&failed, failed.empty() ? "" : "\n", request.customers(i), ": ",
                      result.error().message());
    }
  }
  if (session.json) {
    TENURE_RETURN_IF_ERROR(PrintMessage(response));
  } else {
    table.Print();
    for (const v1::DecideResult& result : response.results()) {
      const v1::Decision& decision = result.decision();
      if (decision.model().empty()) continue;
      const bool is_known = decision.value_basis() == v1::VALUE_BASIS_MARGIN ||
                            decision.value_basis() == v1::VALUE_BASIS_REVENUE;
      const bool is_margin = decision.value_basis() == v1::VALUE_BASIS_MARGIN;
      std::cout << "values are "
                << (is_known ? (is_margin ? "margin, by " : "revenue, by ") : "by ")
                << decision.model() << "\n";
      break;
    }
  }
  return failed.empty() ? absl::OkStatus() : absl::FailedPreconditionError(failed);
}

}  // namespace

void AddDecide(const Command& app, Session* session) {
  auto options = std::make_shared<DecideOptions>();
  const Command command = app.Add(session, "decide", "which campaign for these customers, now",
                                  [=] { return Decide(*session, *options); });
  command.AddOption("customers", options->customers, "customer ids").Required();
  command.AddOption("--request-id", options->request_id,
                    "the same id and customers again give the same decisions");
  command.AddFlag("--dry-run", options->dry_run, "record and hold nothing");
  command.AddFlag("--full", options->full, "with --json: every candidate's outcome");
}

}  // namespace tenure::cli
