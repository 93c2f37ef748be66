#include "server/api/plan_calls.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/names.h"
#include "server/api/plan_conversion.h"
#include "server/api/request_digest.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "server/planning/plan_request.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;

// A plan was made and can't come into force: rules, model or period are others by now.
constexpr Reasons kActivateReasons = {.failed_precondition = "PLAN_OUTDATED"};
// The planner stops this long before the deadline, so that its answer still arrives.
constexpr int64_t kAnswerUs = 500'000;

// The asked budget, or the only one.
absl::StatusOr<std::string> BudgetOf(const decision::World* world, const std::string& asked) {
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

// A plan that was only asked for, or a recorded one.
template <typename Made>
void AnswerPlan(const Made& made, Call<v1::PlanBudgetResponse>* call) {
  v1::Plan plan;
  const absl::Status status = ConvertPlan(made, CurrencyOf(*call->backend().engine), &plan);
  if (!status.ok()) return call->Fail(status);
  call->Reply([&](auto* response) { response->mutable_plan()->Swap(&plan); });
}

}  // namespace

struct PlanCalls::Job {
  engine::RequestKey key;
  std::string budget;
  bool activate = true;
  std::optional<int64_t> limit_micros;
  engine::PlanBasis basis;
};

grpc::ServerUnaryReactor* PlanCalls::PlanBudget(grpc::CallbackServerContext* context,
                                                const v1::PlanBudgetRequest& request,
                                                v1::PlanBudgetResponse* response) {
  return Serve(
      context_.gatekeeper, context, "PlanBudget", response,
      [&](PlanCall call) {
        Violations violations;
        CheckText("request_id", request.request_id(), call->limits().id_bytes, &violations);
        std::string asked;
        if (!request.budget().empty()) {
          asked = std::string(ParseName("budget", kBudgets, request.budget(),
                                        call->limits().id_bytes, &violations));
        }
        auto job = std::make_shared<Job>();
        job->activate = !request.validate_only();
        if (request.has_limit_micros()) {
          job->limit_micros = request.limit_micros();
          if (job->activate) violations.Add("limit_micros", "goes with `validate_only` only");
          if (request.limit_micros() < 0) violations.Add("limit_micros", "must not be negative");
        }
        if (!violations.empty()) return call->Fail(violations.ToStatus());
        job->key = {call->caller(), request.request_id(), RequestDigest(request)};
        auto budget = BudgetOf(call->backend().engine->world().get(), asked);
        if (!budget.ok()) return call->Fail(budget.status());
        job->budget = *std::move(budget);
        call->backend().engine->FindPlan(job->key, [this, call, job](auto seq) {
          if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kPlanReasons));
          if (*seq != 0) return AnswerRecorded(call, *seq);
          call->backend().engine->GetPlanBasis(job->budget, [this, call, job](auto basis) {
            if (!basis.ok()) return call->Fail(FromEngine(basis.status(), {}));
            job->basis = *std::move(basis);
            call->WorkLong([this, call, job] { Make(call, job); });
          });
        });
      },
      Length::kLong);
}

grpc::ServerUnaryReactor* PlanCalls::GetPlanProgress(grpc::CallbackServerContext* context,
                                                     const v1::GetPlanProgressRequest& request,
                                                     v1::GetPlanProgressResponse* response) {
  return Serve(context_.gatekeeper, context, "GetPlanProgress", response, [&](auto call) {
    Violations violations;
    CheckText("request_id", request.request_id(), call->limits().id_bytes, &violations);
    if (!violations.empty()) return call->Fail(violations.ToStatus());
    double fraction = 0;
    {
      MutexLock lock(&mutex_);
      const auto found = under_way_.find({call->caller(), request.request_id()});
      if (found == under_way_.end()) {
        return call->Fail(WithReason(
            absl::NotFoundError("no plan of that request id is being made"), "PLAN_NOT_FOUND"));
      }
      fraction = found->second->load();
    }
    call->Reply([fraction](auto* out) { out->set_fraction(fraction); });
  });
}

void PlanCalls::AnswerRecorded(const PlanCall& call, uint64_t seq) {
  call->Work([call, seq] {
    const auto version = call->backend().engine->GetPlan(seq);
    if (!version.ok()) return call->Fail(FromEngine(version.status(), kPlanReasons));
    AnswerPlan(*version, call.get());
  });
}

void PlanCalls::Make(const PlanCall& call, const std::shared_ptr<Job>& job) {
  engine::Engine* const engine = call->backend().engine;
  const auto world = engine->world();
  planning::PlanRequest request = planning::RequestOf(job->budget, std::move(job->basis));
  if (job->limit_micros.has_value()) request.limit_micros = job->limit_micros;
  request.deadline_monotonic_us = call->deadline_us() - kAnswerUs;
  request.cancel = &call->over();
  const auto fraction = std::make_shared<std::atomic<double>>(0);
  request.progress = [fraction](double done) { fraction->store(done); };
  const CallKey key(job->key.caller, job->key.request_id);
  {
    MutexLock lock(&mutex_);
    under_way_[key] = fraction;
  }
  auto plan = planning::MakePlan(*world, engine->population(), request);
  {
    MutexLock lock(&mutex_);
    const auto found = under_way_.find(key);  // a retry's, where one came meanwhile
    if (found != under_way_.end() && found->second == fraction) under_way_.erase(found);
  }
  if (!plan.ok()) return call->Fail(FromEngine(plan.status(), kPlanReasons));
  if (!job->activate) return AnswerPlan(plan->record, call.get());
  if (call->over()) return call->Fail(absl::CancelledError("nobody waits for the plan any more"));
  plan->record.caller = job->key.caller;
  plan->record.request_id = job->key.request_id;
  plan->record.request_digest = job->key.digest;
  engine->ActivatePlan(std::move(plan->record), [call](absl::StatusOr<uint64_t> seq) {
    if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kActivateReasons));
    // As recorded: where a try of the same request came first, that is its plan.
    AnswerRecorded(call, *seq);
  });
}

}  // namespace tenure::api
