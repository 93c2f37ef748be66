// `tenure budget list`, `show [BUDGET]`, `history BUDGET`, `forecast [BUDGET]`, `verify`
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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

constexpr char kLinear[] =
    "Target and projection follow the curve where a budget is paced, else the period's time.\n";

std::string DayOf(const google::protobuf::Timestamp& at) {
  return FormatDay(at.seconds() * kMicrosPerSecond);
}

std::string IdOf(const v1::Budget& budget) {
  return budget.name().substr(budget.name().find('/') + 1);
}

int64_t Used(const v1::Envelope& envelope) {
  return envelope.held_micros() + envelope.committed_micros();
}

// "92 %": what is used of what should be by now; "-" where nothing should be.
std::string Pace(const v1::Envelope& envelope) {
  if (envelope.target_micros() <= 0) return "-";
  return absl::StrFormat("%.0f %%", 100.0 * static_cast<double>(Used(envelope)) /
                                        static_cast<double>(envelope.target_micros()));
}

std::string Projected(const v1::Envelope& envelope) {
  return envelope.has_projected_micros() ? DisplayMicros(envelope.projected_micros()) : "-";
}

// The budget itself, its segments and their campaigns; campaigns that used nothing only where all
// are wanted.
bool IsShown(const v1::Envelope& envelope, bool leaves) {
  const auto depth = std::count(envelope.path().begin(), envelope.path().end(), '/');
  return depth < 2 || leaves || Used(envelope) != 0 || envelope.refunded_micros() != 0;
}

void PrintHeading(const v1::Budget& budget) {
  std::cout << budget.name() << ", " << DayOf(budget.start_time()) << " to before "
            << DayOf(budget.end_time()) << ", " << budget.currency_code() << "\n";
}

void PrintBudget(const v1::Budget& budget, bool leaves) {
  PrintHeading(budget);
  Table table({"envelope", "limit", "held", "committed", "refunded", "left", "over", "target",
               "pace", "projected end"});
  for (const v1::Envelope& envelope : budget.envelopes()) {
    if (!IsShown(envelope, leaves)) continue;
    table.Add(
        {envelope.path(), DisplayMicros(envelope.limit_micros()),
         DisplayMicros(envelope.held_micros()), DisplayMicros(envelope.committed_micros()),
         DisplayMicros(envelope.refunded_micros()), DisplayMicros(envelope.available_micros()),
         envelope.overcommitted_micros() == 0 ? "-"
                                              : DisplayMicros(envelope.overcommitted_micros()),
         DisplayMicros(envelope.target_micros()), Pace(envelope), Projected(envelope)});
  }
  table.Print();
  PrintPacing(budget);
}

void PrintForecast(const v1::Budget& budget, bool leaves) {
  PrintHeading(budget);
  Table table({"envelope", "limit", "used", "target", "pace", "projected end", "end over limit"});
  for (const v1::Envelope& envelope : budget.envelopes()) {
    if (!IsShown(envelope, leaves)) continue;
    const int64_t over = envelope.projected_micros() - envelope.limit_micros();
    table.Add({envelope.path(), DisplayMicros(envelope.limit_micros()),
               DisplayMicros(Used(envelope)), DisplayMicros(envelope.target_micros()),
               Pace(envelope), Projected(envelope), over > 0 ? DisplayMicros(over) : "-"});
  }
  table.Print();
}

// A row a budget, or a period: the whole of it.
void PrintRoots(const google::protobuf::RepeatedPtrField<v1::Budget>& budgets) {
  Table table({"budget", "from", "to before", "limit", "held", "committed", "refunded", "left",
               "pace", "projected end"});
  for (const v1::Budget& budget : budgets) {
    const v1::Envelope& root = budget.envelopes(0);
    table.Add({IdOf(budget), DayOf(budget.start_time()), DayOf(budget.end_time()),
               DisplayMicros(root.limit_micros()), DisplayMicros(root.held_micros()),
               DisplayMicros(root.committed_micros()), DisplayMicros(root.refunded_micros()),
               DisplayMicros(root.available_micros()), Pace(root), Projected(root)});
  }
  table.Print();
}

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

absl::Status Show(const Session& session, const std::string& budget,
                  void (*print)(const v1::Budget& budget, bool leaves), const char* note) {
  v1::ListBudgetsResponse all;
  TENURE_RETURN_IF_ERROR(Fetch(session, budget, &all));
  if (session.json) return budget.empty() ? PrintMessage(all) : PrintMessage(all.budgets(0));
  if (all.budgets().empty()) std::cout << "no budget has an open period\n";
  for (const v1::Budget& each : all.budgets()) print(each, !budget.empty());
  if (!all.budgets().empty()) std::cout << note;
  return absl::OkStatus();
}

absl::Status List(const Session& session) {
  v1::ListBudgetsResponse all;
  TENURE_RETURN_IF_ERROR(Fetch(session, "", &all));
  if (session.json) return PrintMessage(all);
  PrintRoots(all.budgets());
  return absl::OkStatus();
}

absl::Status History(const Session& session, const std::string& budget) {
  Client client(session);
  v1::ListBudgetPeriodsRequest request;
  request.set_parent(WithPrefix("budgets/", budget));
  request.set_page_size(1'000);
  v1::ListBudgetPeriodsResponse all, page;
  do {
    TENURE_RETURN_IF_ERROR(client.Call("BudgetService/ListBudgetPeriods", request, &page));
    all.mutable_periods()->MergeFrom(page.periods());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  if (session.json) return PrintMessage(all);
  PrintRoots(all.periods());
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
                [=] { return Show(*session, *budget, &PrintBudget, ""); });
  const Command forecast =
      group.Add(session, "forecast", "target, pace and projected end, by segment and campaign",
                [=] { return Show(*session, *budget, &PrintForecast, kLinear); });
  for (const Command& command : {show, forecast}) {
    command.AddOption("budget", *budget, "budgets/{id}, or the id; left out: all");
  }
  const Command history = group.Add(session, "history", "every period of a budget, newest first",
                                    [=] { return History(*session, *budget); });
  history.AddOption("budget", *budget, "budgets/{id}, or the id").Required();
  group.Add(session, "list", "a row a budget: its present period", [=] { return List(*session); });
  group.Add(session, "verify", "prove that every counter equals the fold of the ledger",
            [=] { return Verify(*session); });
}

}  // namespace tenure::cli
