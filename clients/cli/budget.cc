// `tenure budget list`, `show [BUDGET]`, `history BUDGET`, `forecast [BUDGET]`, `verify`
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/budget_pacing.h"
#include "clients/cli/budget_table.h"
#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "server/base/status.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

constexpr char kLinear[] =
    "Target and projection follow the curve where a budget is paced, else the period's time.\n";

// The asked budget, or all of them.
absl::Status Fetch(const Session& session, const std::string& budget,
                   v1::ListBudgetsResponse* all) {
  Client client(session);
  if (!budget.empty()) {
    v1::GetBudgetRequest request;
    request.set_name(WithPrefix("budgets/", budget));
    v1::GetBudgetResponse response;
    TENURE_RETURN_IF_ERROR(client.Call("BudgetService/GetBudget", request, &response));
    all->add_budgets()->Swap(response.mutable_budget());
    return absl::OkStatus();
  }
  v1::ListBudgetsRequest request;
  request.set_page_size(1'000);
  v1::ListBudgetsResponse page;
  do {
    TENURE_RETURN_IF_ERROR(client.Call("BudgetService/ListBudgets", request, &page));
    all->mutable_budgets()->MergeFrom(page.budgets());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  return absl::OkStatus();
}

struct Asked {
  std::string budget;  // empty: all
  std::string depth;   // empty: as each command likes best
};

// Campaigns that used nothing only where one budget is asked for.
Depth DepthFor(const Asked& asked) {
  return asked.depth.empty() && !asked.budget.empty() ? Depth::kCampaign : DepthOf(asked.depth);
}

absl::Status PrintAll(const Session& session, const Asked& asked, bool forecast) {
  v1::ListBudgetsResponse all;
  TENURE_RETURN_IF_ERROR(Fetch(session, asked.budget, &all));
  if (session.json) return asked.budget.empty() ? PrintMessage(all) : PrintMessage(all.budgets(0));
  if (all.budgets().empty()) std::cout << "no budget has an open period\n";
  for (const v1::Budget& budget : all.budgets()) {
    PrintHeading(budget);
    PrintEnvelopes(budget, DepthFor(asked), forecast);
    if (!forecast) PrintPacing(budget);
  }
  if (forecast && !all.budgets().empty()) std::cout << kLinear;
  return absl::OkStatus();
}

absl::Status List(const Session& session, const Asked& asked) {
  v1::ListBudgetsResponse all;
  TENURE_RETURN_IF_ERROR(Fetch(session, "", &all));
  if (session.json) return PrintMessage(all);
  PrintPeriods(all.budgets(), DepthOf(asked.depth));
  return absl::OkStatus();
}

absl::Status History(const Session& session, const Asked& asked) {
  Client client(session);
  v1::ListBudgetPeriodsRequest request;
  request.set_parent(WithPrefix("budgets/", asked.budget));
  request.set_page_size(1'000);
  v1::ListBudgetPeriodsResponse all, page;
  do {
    TENURE_RETURN_IF_ERROR(client.Call("BudgetService/ListBudgetPeriods", request, &page));
    all.mutable_periods()->MergeFrom(page.periods());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  if (session.json) return PrintMessage(all);
  PrintPeriods(all.periods(), DepthOf(asked.depth));
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
  auto asked = std::make_shared<Asked>();
  const Command show =
      group.Add(session, "show", "limits, holds and spending of the present period, and its pacing",
                [=] { return PrintAll(*session, *asked, /*forecast=*/false); });
  const Command forecast =
      group.Add(session, "forecast", "target, pace and projected end, by segment and campaign",
                [=] { return PrintAll(*session, *asked, /*forecast=*/true); });
  for (const Command& command : {show, forecast}) {
    command.AddOption("budget", asked->budget, "budgets/{id}, or the id; left out: all");
  }
  const Command history =
      group.Add(session, "history", "every period of a budget, newest first, in one table",
                [=] { return History(*session, *asked); });
  history.AddOption("budget", asked->budget, "budgets/{id}, or the id").Required();
  const Command list =
      group.Add(session, "list", "all budgets in their present periods, in one table",
                [=] { return List(*session, *asked); });
  for (const Command& command : {show, forecast, history, list}) {
    command
        .AddOption("--depth", asked->depth,
                   "how far down a table goes; left out: to the campaigns that used something")
        .OneOf({"budget", "segment", "campaign"});
  }
  group.Add(session, "verify", "prove that every counter equals the fold of the ledger",
            [=] { return Verify(*session); });
}

}  // namespace tenure::cli
