#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/api/budget_balances.h"
#include "server/api/budget_pacing.h"
#include "server/api/call.h"
#include "server/api/names.h"
#include "server/api/paging.h"
#include "server/api/plan_calls.h"
#include "server/api/services.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "tenure/v1/budget_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

std::string CurrencyOf(const engine::Engine& engine) {
  const auto world = engine.world();
  return world && world->rules ? world->rules->currency : std::string();
}

class BudgetService final : public v1::BudgetService::CallbackService {
 public:
  explicit BudgetService(ServiceContext context) : context_(context), plans_(context) {}

  ServerUnaryReactor* PlanBudget(CallbackServerContext* context,
                                 const v1::PlanBudgetRequest* request,
                                 v1::PlanBudgetResponse* response) override {
    return plans_.PlanBudget(context, *request, response);
  }

  ServerUnaryReactor* GetPlanProgress(CallbackServerContext* context,
                                      const v1::GetPlanProgressRequest* request,
                                      v1::GetPlanProgressResponse* response) override {
    return plans_.GetPlanProgress(context, *request, response);
  }

  ServerUnaryReactor* GetPlan(CallbackServerContext* context, const v1::GetPlanRequest* request,
                              v1::GetPlanResponse* response) override {
    return Serve(context_.gatekeeper, context, "GetPlan", response, [&](auto call) {
      Violations violations;
      const std::string id(
          ParseName("name", kPlans, request->name(), call->limits().id_bytes, &violations));
      std::string budget;
      if (!request->budget().empty()) {
        budget = std::string(
            ParseName("budget", kBudgets, request->budget(), call->limits().id_bytes, &violations));
        if (id != kActive) violations.Add("budget", "goes with `plans/active` only");
      }
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->Work([this, call, id, budget] {
        const auto record = FindPlan(*call->backend().engine, id, budget);
        if (!record.ok()) {
          return call->Fail(FromEngine(record.status(), {.not_found = "PLAN_NOT_FOUND"}));
        }
        AnswerPlan(context_, *record, call.get());
      });
    });
  }

  ServerUnaryReactor* GetBudget(CallbackServerContext* context, const v1::GetBudgetRequest* request,
                                v1::GetBudgetResponse* response) override {
    return Serve(context_.gatekeeper, context, "GetBudget", response, [&](auto call) {
      Violations violations;
      const std::string name = request->name();
      ParseName("name", kBudgets, name, call->limits().id_bytes, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      WithBudgets(call, [call, name](std::vector<v1::Budget> budgets) {
        for (v1::Budget& budget : budgets) {
          if (budget.name() != name) continue;
          return call->Reply([&](auto* out) { out->mutable_budget()->Swap(&budget); });
        }
        call->Fail(WithReason(
            absl::NotFoundError(absl::StrCat(
                name, " has no open period: publish a rule set that declares it, and plan it")),
            "BUDGET_NOT_FOUND"));
      });
    });
  }

  ServerUnaryReactor* ListBudgets(CallbackServerContext* context,
                                  const v1::ListBudgetsRequest* request,
                                  v1::ListBudgetsResponse* response) override {
    return Serve(context_.gatekeeper, context, "ListBudgets", response, [&](auto call) {
      Violations violations;
      const Page page = ParsePage(request->page_size(), request->page_token(),
                                  call->limits().page_size, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      WithBudgets(call, [call, page](std::vector<v1::Budget> budgets) {
        call->Reply([&](auto* out) {
          const uint64_t end = std::min<uint64_t>(budgets.size(), page.first + page.size);
          for (uint64_t i = page.first; i < end; ++i) out->add_budgets()->Swap(&budgets[i]);
          out->set_next_page_token(PageToken(end, budgets.size()));
        });
      });
    });
  }

  ServerUnaryReactor* ListBudgetPeriods(CallbackServerContext* context,
                                        const v1::ListBudgetPeriodsRequest* request,
                                        v1::ListBudgetPeriodsResponse* response) override {
    return Serve(context_.gatekeeper, context, "ListBudgetPeriods", response, [&](auto call) {
      Violations violations;
      const std::string id(
          ParseName("parent", kBudgets, request->parent(), call->limits().id_bytes, &violations));
      const Page page = ParsePage(request->page_size(), request->page_token(),
                                  call->limits().page_size, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->backend().engine->GetBalanceHistory(id, [call, id, page](auto balances) {
        if (!balances.ok()) return call->Fail(FromEngine(balances.status(), {}));
        const auto answer = [call, id, page](std::vector<v1::Budget> periods) {
          if (periods.empty()) {
            return call->Fail(
                WithReason(absl::NotFoundError(absl::StrCat("budgets/", id, " never had a period")),
                           "BUDGET_NOT_FOUND"));
          }
          std::reverse(periods.begin(), periods.end());
          call->Reply([&](auto* out) {
            const uint64_t end = std::min<uint64_t>(periods.size(), page.first + page.size);
            for (uint64_t i = page.first; i < end; ++i) out->add_periods()->Swap(&periods[i]);
            out->set_next_page_token(PageToken(end, periods.size()));
          });
        };
        WithPacing(call, *std::move(balances), answer);
      });
    });
  }

  ServerUnaryReactor* VerifyLedger(CallbackServerContext* context, const v1::VerifyLedgerRequest*,
                                   v1::VerifyLedgerResponse* response) override {
    return Serve(
        context_.gatekeeper, context, "VerifyLedger", response,
        [&](auto call) {
          call->backend().engine->VerifyLedger([call](absl::StatusOr<std::string> summary) {
            if (!summary.ok() && summary.status().code() != absl::StatusCode::kDataLoss) {
              return call->Fail(FromEngine(summary.status(), {}));
            }
            call->Reply([&](v1::VerifyLedgerResponse* out) {
              out->set_consistent(summary.ok());
              out->set_summary(summary.ok() ? *summary : std::string(summary.status().message()));
            });
          });
        },
        Length::kLong);
  }

 private:
  // The plan of that id, or the active one of `budget`, or of all.
  static absl::StatusOr<journal::PlanRecord> FindPlan(const engine::Engine& engine,
                                                      const std::string& id,
                                                      const std::string& budget) {
    const bool last = id == kActive && budget.empty();
    auto made_last = engine.GetPlan();
    if (last || (made_last.ok() && made_last->id == id)) return made_last;
    std::string others;
    for (const auto& plan : engine.plans()) {
      if (id == kActive ? plan->budget == budget : plan->id == id) return *plan;
      absl::StrAppend(&others, others.empty() ? "" : ", ", "plans/", plan->id, " of budgets/",
                      plan->budget);
    }
    const std::string asked = id == kActive ? absl::StrCat("no plan of budgets/", budget, " is")
                                            : absl::StrCat("plans/", id, " is not");
    return absl::NotFoundError(
        absl::StrCat(asked, " in force; ", others.empty() ? "none" : others, " is"));
  }

  // The budgets' balances; converted on a worker, since the engine's thread has more to do.
  template <typename Response, typename Use>
  static void WithBudgets(const std::shared_ptr<Call<Response>>& call, Use use) {
    call->backend().engine->GetBalances([call, use](auto balances) {
      if (!balances.ok()) return call->Fail(FromEngine(balances.status(), {}));
      WithPacing(call, *std::move(balances), use);
    });
  }

  template <typename Response, typename Use>
  static void WithPacing(const std::shared_ptr<Call<Response>>& call,
                         std::vector<engine::BudgetBalance> balances, Use use) {
    call->backend().engine->GetPacing([call, use, balances = std::move(balances)](auto pacing) {
      if (!pacing.ok()) return call->Fail(FromEngine(pacing.status(), {}));
      call->Work([call, use, balances, pacing = *std::move(pacing)] {
        const engine::Engine& engine = *call->backend().engine;
        const int64_t now_us = engine.NowUs();
        std::vector<v1::Budget> budgets = Budgets(balances, now_us, CurrencyOf(engine));
        SetPacing(pacing, now_us, &budgets);
        use(std::move(budgets));
      });
    });
  }

  const ServiceContext context_;
  PlanCalls plans_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBudgetService(ServiceContext context) {
  return std::make_unique<BudgetService>(context);
}

}  // namespace tenure::api
