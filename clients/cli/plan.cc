// `tenure plan`: splits a budget's present period over the population; `list` and `show`.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/client.h"
#include "clients/cli/plan_progress.h"
#include "clients/cli/plan_table.h"
#include "clients/cli/server_commands.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

struct PlanCommandOptions {
  std::string budget;
  std::string request_id;
  bool dry_run = false;
  std::string what_if_limit;
  std::string version;
  int32_t last = 0;
};

absl::Status Plan(const Session& session, const PlanCommandOptions& options) {
  Client client(session);
  v1::PlanBudgetRequest request;
  request.set_request_id(RequestId(options.request_id));
  const PlanProgress progress(session, request.request_id());
  if (!options.budget.empty()) request.set_budget(WithPrefix("budgets/", options.budget));
  request.set_validate_only(options.dry_run);
  if (!options.what_if_limit.empty()) {
    TENURE_ASSIGN_OR_RETURN(const int64_t limit, ParseMicros(options.what_if_limit));
    request.set_validate_only(true);
    request.set_limit_micros(limit);
  }
  v1::PlanBudgetResponse response;
  TENURE_RETURN_IF_ERROR(client.Call("BudgetService/PlanBudget", request, &response, kLongCallMs));
  if (session.json) return PrintMessage(response.plan());
  PrintPlan(response.plan());
  return absl::OkStatus();
}

// What reads plans takes none of the options that say how to make one.
void RefuseMaking(const PlanCommandOptions& options) {
  if (!options.dry_run && options.what_if_limit.empty() && options.request_id.empty()) return;
  RefuseUsage("--dry-run, --what-if-limit and --request-id go with `tenure plan` itself");
}

// The last `options.last` of them, newest first; 0: all.
absl::Status ReadPlans(const Session& session, const PlanCommandOptions& options,
                       v1::ListPlansResponse* all) {
  Client client(session);
  v1::ListPlansRequest request;
  if (!options.budget.empty()) request.set_budget(WithPrefix("budgets/", options.budget));
  v1::ListPlansResponse page;
  do {
    request.set_page_size(options.last == 0 ? 0 : options.last - all->plans_size());
    TENURE_RETURN_IF_ERROR(client.Call("BudgetService/ListPlans", request, &page));
    all->mutable_plans()->MergeFrom(page.plans());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty() &&
           (options.last == 0 || all->plans_size() < options.last));
  return absl::OkStatus();
}

absl::Status List(const Session& session, const PlanCommandOptions& options) {
  RefuseMaking(options);
  v1::ListPlansResponse all;
  TENURE_RETURN_IF_ERROR(ReadPlans(session, options, &all));
  if (session.json) return PrintMessage(all);
  if (all.plans().empty()) {
    std::cout << "no plan was made yet; `tenure plan` makes one\n";
    return absl::OkStatus();
  }
  PrintPlans(all);
  return absl::OkStatus();
}

// Leading zeros of a version may be left out.
std::string PlanName(const std::string& given) {
  if (given.empty() || given == "active") return "plans/active";
  if (absl::StartsWith(given, "plans/")) return given;
  constexpr size_t kDigits = 16;
  const std::string zeros(kDigits - std::min(kDigits, given.size()), '0');
  return absl::StrCat("plans/", zeros, given);
}

absl::Status Show(const Session& session, const PlanCommandOptions& options) {
  RefuseMaking(options);
  Client client(session);
  v1::GetPlanRequest request;
  request.set_name(PlanName(options.version));
  if (!options.budget.empty()) request.set_budget(WithPrefix("budgets/", options.budget));
  v1::GetPlanResponse response;
  TENURE_RETURN_IF_ERROR(client.Call("BudgetService/GetPlan", request, &response));
  if (session.json) return PrintMessage(response.plan());
  PrintPlan(response.plan());
  return absl::OkStatus();
}

}  // namespace

void AddPlan(const Command& app, Session* session) {
  auto options = std::make_shared<PlanCommandOptions>();
  const Command command =
      app.Add(session, "plan", "split a budget's present period over the population",
              [=] { return Plan(*session, *options); });
  command.AddOption("--budget", options->budget, "which; left out where there is one only");
  command.AddOption("--request-id", options->request_id, "makes a retry by hand safe");
  command.AddOption("--what-if-limit", options->what_if_limit,
                    "plan as if the period's limit were this; puts nothing in force");
  command.AddFlag("--dry-run", options->dry_run, "plan, but put nothing in force");
  const Command list =
      command.Add(session, "list", "every plan that was ever in force, newest first",
                  [=] { return List(*session, *options); });
  list.AddOption("--budget", options->budget, "of this one only");
  list.AddOption("--last", options->last, "so many only").WholeIn(1, 1'000'000);
  const Command show = command.Add(session, "show", "a plan that was made, or the one in force",
                                   [=] { return Show(*session, *options); });
  show.AddOption("version", options->version,
                 "as `plan list` names it; without: the one in force, or the last");
  show.AddOption("--budget", options->budget, "whose plan in force");
}

}  // namespace tenure::cli
