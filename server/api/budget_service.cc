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
#include "server/api/plan_conversion.h"
#include "server/api/request_digest.h"
#include "server/api/rule_sets.h"
#include "server/api/services.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "server/planning/plan.h"
#include "tenure/v1/budget_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

constexpr Reasons kPlanReasons = {.not_found = "BUDGET_NOT_FOUND",
                                  .failed_precondition = "NO_MODEL"};
// A plan was made and can't come into force: rules, model or period are others by now.
constexpr Reasons kActivateReasons = {.failed_precondition = "PLAN_OUTDATED"};
// The planner stops this long before the deadline, so that its answer still arrives.
constexpr int64_t kAnswerUs = 500'000;

std::string CurrencyOf(const engine::Engine& engine) {
  const auto world = engine.world();
  return world && world->rules ? world->rules->currency : std::string();
}

class BudgetService final : public v1::BudgetService::CallbackService {
 public:
  explicit BudgetService(ServiceContext context) : context_(context) {}

  ServerUnaryReactor* PlanBudget(CallbackServerContext* context,
                                 const v1::PlanBudgetRequest* request,
                                 v1::PlanBudgetResponse* response) override {
    return Serve(
        context_.gatekeeper, context, "PlanBudget", response,
        [&](auto call) {
          Violations violations;
          CheckText("request_id", request->request_id(), call->limits().id_bytes, &violations);
          std::string budget;
          if (!request->budget().empty()) {
            budget = std::string(ParseName("budget", kBudgets, request->budget(),
                                           call->limits().id_bytes, &violations));
          }
          if (!violations.empty()) return call->Fail(violations.ToStatus());
          auto job = std::make_shared<Job>();
          job->key = {call->caller(), request->request_id(), RequestDigest(*request)};
          job->budget = std::move(budget);
          job->activate = !request->validate_only();
          call->backend().engine->FindPlan(job->key, [this, call, job](auto seq) {
            if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kPlanReasons));
            if (*seq != 0) return AnswerRecorded(call, *seq);
            call->backend().engine->GetBalances([this, call, job](auto balances) {
              if (!balances.ok()) return call->Fail(FromEngine(balances.status(), {}));
              job->balances = *std::move(balances);
              call->WorkLong([this, call, job] { MakePlan(call, job.get()); });
            });
          });
        },
        Length::kLong);
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
        Answer(*call, *record);
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
  struct Job {
    engine::RequestKey key;
    std::string budget;
    bool activate = true;
    std::vector<engine::BudgetBalance> balances;
  };

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

  // In the currency of the plan's own rule set, which may no longer be the one in force.
  template <typename Response>
  void Answer(Call<Response>& call, const journal::PlanRecord& record) const {
    const auto rules = context_.rule_sets->Find(*call.backend().engine, record.rule_set);
    if (!rules.ok()) return call.Fail(rules.status());
    v1::Plan plan;
    if (absl::Status status = ConvertPlan(record, (*rules)->currency, &plan); !status.ok()) {
      return call.Fail(status);
    }
    call.Reply([&](Response* response) { response->mutable_plan()->Swap(&plan); });
  }

  void AnswerRecorded(const std::shared_ptr<Call<v1::PlanBudgetResponse>>& call,
                      uint64_t seq) const {
    call->Work([this, call, seq] {
      const auto record = call->backend().engine->GetPlan(seq);
      if (!record.ok()) return call->Fail(FromEngine(record.status(), kPlanReasons));
      Answer(*call, *record);
    });
  }

  // The budgets' balances; converted on a worker, since the engine's thread has more to do.
  template <typename Response, typename Use>
  static void WithBudgets(const std::shared_ptr<Call<Response>>& call, Use use) {
    call->backend().engine->GetBalances([call, use](auto balances) {
      if (!balances.ok()) return call->Fail(FromEngine(balances.status(), {}));
      call->backend().engine->GetPacing([call, use, balances = *std::move(balances)](auto pacing) {
        if (!pacing.ok()) return call->Fail(FromEngine(pacing.status(), {}));
        call->Work([call, use, balances, pacing = *std::move(pacing)] {
          const engine::Engine& engine = *call->backend().engine;
          std::vector<v1::Budget> budgets = Budgets(balances, engine.NowUs(), CurrencyOf(engine));
          SetPacing(pacing, &budgets);
          use(std::move(budgets));
        });
      });
    });
  }

  // The asked budget, or the only one.
  static absl::StatusOr<std::string> BudgetOf(const decision::World* world,
                                              const std::string& asked) {
    if (world == nullptr || world->rules == nullptr) {
      return WithReason(absl::FailedPreconditionError(
                            "no rule set is in force: publish one first (`tenure rules publish`)"),
                        "NO_RULE_SET");
    }
    const auto& budgets = world->rules->budgets;
    if (!asked.empty()) return asked;
    if (budgets.size() == 1) return budgets[0].id;
    Violations violations;
    violations.Add("budget",
                   absl::StrCat("is required: the rule set has ", budgets.size(), " budgets"));
    return violations.ToStatus();
  }

  void MakePlan(const std::shared_ptr<Call<v1::PlanBudgetResponse>>& call, Job* job) const {
    engine::Engine* const engine = call->backend().engine;
    const auto world = engine->world();
    auto budget = BudgetOf(world.get(), job->budget);
    if (!budget.ok()) return call->Fail(budget.status());
    planning::PlanRequest request;
    request.budget = *std::move(budget);
    request.at_us = engine->NowUs();
    for (const engine::BudgetBalance& balance : job->balances) {
      if (request.at_us < balance.start_us || request.at_us >= balance.end_us) continue;
      request.used_micros.emplace_back(balance.path,
                                       balance.held_micros + balance.committed_micros);
      if (balance.path == request.budget) request.period = {balance.start_us, balance.end_us};
    }
    request.deadline_monotonic_us = call->deadline_us() - kAnswerUs;
    request.cancel = &call->over();
    auto plan = planning::MakePlan(*world, engine->population(), request);
    if (!plan.ok()) return call->Fail(FromEngine(plan.status(), kPlanReasons));
    if (!job->activate) return Answer(*call, plan->record);
    if (call->over()) return call->Fail(absl::CancelledError("nobody waits for the plan any more"));
    plan->record.caller = job->key.caller;
    plan->record.request_id = job->key.request_id;
    plan->record.request_digest = job->key.digest;
    engine->ActivatePlan(std::move(plan->record), [this, call](absl::StatusOr<uint64_t> seq) {
      if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kActivateReasons));
      // As recorded: where a try of the same request came first, that is its plan.
      AnswerRecorded(call, *seq);
    });
  }

  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBudgetService(ServiceContext context) {
  return std::make_unique<BudgetService>(context);
}

}  // namespace tenure::api
