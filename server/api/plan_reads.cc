#include "server/api/plan_reads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/api/call.h"
#include "server/api/names.h"
#include "server/api/paging.h"
#include "server/api/plan_conversion.h"
#include "server/engine/engine.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;

constexpr Reasons kReasons = {.not_found = "PLAN_NOT_FOUND"};
constexpr size_t kMostPlans = 100;  // a page; the record of each has a byte for every customer

// The plan of that id, or the active one of `budget`, or the last of all.
absl::StatusOr<engine::PlanVersion> Find(const engine::Engine& engine, const std::string& id,
                                         const std::string& budget) {
  if (id == kActive && budget.empty()) return engine.GetPlan();
  if (id != kActive) {
    const uint64_t seq = engine::PlanOfId(id);
    if (seq != 0) return engine.GetPlan(seq);
    return absl::NotFoundError(
        absl::StrCat("there is no plans/", id, "; `tenure plan list` shows all"));
  }
  std::string others;
  for (const auto& plan : engine.plans()) {
    if (plan->budget == budget) return engine.GetPlan(engine::PlanOfId(plan->id));
    absl::StrAppend(&others, others.empty() ? "" : ", ", "plans/", plan->id, " of budgets/",
                    plan->budget);
  }
  return absl::NotFoundError(absl::StrCat("no plan of budgets/", budget, " is in force; ",
                                          others.empty() ? "none" : others, " is"));
}

bool IsInForce(const engine::Engine& engine, const engine::PlanVersion& version) {
  const auto plans = engine.plans();
  return std::any_of(plans.begin(), plans.end(),
                     [&](const auto& plan) { return plan->id == version.record.id; });
}

absl::Status Convert(const engine::Engine& engine, const engine::PlanVersion& version,
                     v1::Plan* out) {
  out->set_in_force(IsInForce(engine, version));
  return ConvertPlan(version, CurrencyOf(engine), out);
}

// `budget` as an id; empty where it is left out.
template <typename Request>
std::string BudgetOf(const Request& request, size_t id_bytes, Violations* violations) {
  if (request.budget().empty()) return "";
  return std::string(ParseName("budget", kBudgets, request.budget(), id_bytes, violations));
}

}  // namespace

grpc::ServerUnaryReactor* ServeGetPlan(const ServiceContext& service,
                                       grpc::CallbackServerContext* context,
                                       const v1::GetPlanRequest& request,
                                       v1::GetPlanResponse* response) {
  return Serve(service.gatekeeper, context, "GetPlan", response, [&](auto call) {
    Violations violations;
    const std::string id(
        ParseName("name", kPlans, request.name(), call->limits().id_bytes, &violations));
    const std::string budget = BudgetOf(request, call->limits().id_bytes, &violations);
    if (!budget.empty() && id != kActive) {
      violations.Add("budget", "goes with `plans/active` only");
    }
    if (!violations.empty()) return call->Fail(violations.ToStatus());
    call->Work([call, id, budget] {
      const engine::Engine& engine = *call->backend().engine;
      const auto version = Find(engine, id, budget);
      if (!version.ok()) return call->Fail(FromEngine(version.status(), kReasons));
      v1::Plan plan;
      const absl::Status status = Convert(engine, *version, &plan);
      if (!status.ok()) return call->Fail(status);
      call->Reply([&](auto* out) { out->mutable_plan()->Swap(&plan); });
    });
  });
}

grpc::ServerUnaryReactor* ServeListPlans(const ServiceContext& service,
                                         grpc::CallbackServerContext* context,
                                         const v1::ListPlansRequest& request,
                                         v1::ListPlansResponse* response) {
  return Serve(service.gatekeeper, context, "ListPlans", response, [&](auto call) {
    Violations violations;
    const std::string budget = BudgetOf(request, call->limits().id_bytes, &violations);
    // A token names the journal's entry that the page begins with.
    const Page page = ParsePage(request.page_size(), request.page_token(), kMostPlans, &violations);
    if (!violations.empty()) return call->Fail(violations.ToStatus());
    call->Work([call, budget, page] {
      const engine::Engine& engine = *call->backend().engine;
      const auto found = engine.ListPlans(budget, page.first, page.size);
      if (absl::IsInvalidArgument(found.status())) {
        Violations wrong;
        wrong.Add("page_token", "is not a `next_page_token` of this list");
        return call->Fail(wrong.ToStatus());
      }
      if (!found.ok()) return call->Fail(FromEngine(found.status(), kReasons));
      v1::ListPlansResponse answer;
      for (const engine::PlanVersion& version : found->versions) {
        v1::Plan* const plan = answer.add_plans();
        const absl::Status status = Convert(engine, version, plan);
        if (!status.ok()) return call->Fail(status);
        plan->clear_envelopes();
        plan->clear_slot_prices();
        plan->clear_report();
      }
      answer.set_next_page_token(PageToken(found->next, found->next == 0 ? 0 : ~uint64_t{0}));
      call->Reply([&](auto* out) { out->Swap(&answer); });
    });
  });
}

}  // namespace tenure::api
