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
#include "server/api/plan_conversion.h"
#include "server/api/plan_reads.h"
#include "server/api/services.h"
#include "server/engine/engine.h"
#include "tenure/v1/budget_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

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
    return ServeGetPlan(context_, context, *request, response);
  }

  ServerUnaryReactor* ListPlans(CallbackServerContext* context, const v1::ListPlansRequest* request,
                                v1::ListPlansResponse* response) override {
    return ServeListPlans(context_, context, *request, response);
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
