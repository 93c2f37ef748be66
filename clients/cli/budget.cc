// `tenure budget show [BUDGET]`, `tenure budget verify`
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/budget_pacing.h"
#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "clients/cli/table.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

void PrintBudget(const v1::Budget& budget, bool leaves) {
  std::cout << budget.name() << ", " << FormatDay(budget.start_time().seconds() * kMicrosPerSecond)
            << " to before " << FormatDay(budget.end_time().seconds() * kMicrosPerSecond) << ", "
            << budget.currency_code() << "\n";
  Table table({"envelope", "limit", "held", "committed", "available", "over"});
  for (const v1::Envelope& envelope : budget.envelopes()) {
    const bool used = envelope.held_micros() != 0 || envelope.committed_micros() != 0;
    const auto depth = std::count(envelope.path().begin(), envelope.path().end(), '/');
    if (depth >= 2 && !used && !leaves) continue;
    table.Add({envelope.path(), DisplayMicros(envelope.limit_micros()),
               DisplayMicros(envelope.held_micros()), DisplayMicros(envelope.committed_micros()),
               DisplayMicros(envelope.available_micros()),
               envelope.overcommitted_micros() == 0
                   ? "-"
                   : DisplayMicros(envelope.overcommitted_micros())});
  }
  table.Print();
  PrintPacing(budget);
}

absl::Status Show(const Session& session, const std::string& budget) {
  Client client(session);
  if (!budget.empty()) {
    v1::GetBudgetRequest request;
    request.set_name(WithPrefix("budgets/", budget));
    v1::GetBudgetResponse response;
    TENURE_RETURN_IF_ERROR(client.Call("BudgetService/GetBudget", request, &response));
    if (session.json) return PrintMessage(response.budget());
    PrintBudget(response.budget(), true);
    return absl::OkStatus();
  }
  v1::ListBudgetsRequest request;
  request.set_page_size(1'000);
  v1::ListBudgetsResponse all, page;
  do {
    TENURE_RETURN_IF_ERROR(client.Call("BudgetService/ListBudgets", request, &page));
    all.mutable_budgets()->MergeFrom(page.budgets());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  if (session.json) return PrintMessage(all);
  if (all.budgets().empty()) std::cout << "no budget has an open period\n";
  for (const v1::Budget& each : all.budgets()) PrintBudget(each, false);
  return absl::OkStatus();
}

absl::Status Verify(const Session& session) {
  v1::VerifyLedgerResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(
      client.Call("BudgetService/VerifyLedger", v1::VerifyLedgerRequest(), &response, kLongCallMs));
  if (session.json) TENURE_RETURN_IF_ERROR(PrintMessage(response));
  if (!response.consistent()) {
    return absl::DataLossError(absl::StrCat("the ledger does not agree: ", response.summary()));
  }
  if (!session.json) std::cout << response.summary() << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddBudget(const Command& app, Session* session) {
  const Command group = app.Group("budget", "balances and their proof");
  auto budget = std::make_shared<std::string>();
  const Command show =
      group.Add(session, "show", "limits, holds and spending of the present period",
                [=] { return Show(*session, *budget); });
  show.AddOption("budget", *budget, "budgets/{id}, or the id; left out: all");
  group.Add(session, "verify", "prove that every counter equals the fold of the ledger",
            [=] { return Verify(*session); });
}

}  // namespace tenure::cli
