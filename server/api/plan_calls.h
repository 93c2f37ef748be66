// PlanBudget and how far it is. Internal to api/: includes grpcpp.
#ifndef TENURE_SERVER_API_PLAN_CALLS_H_
#define TENURE_SERVER_API_PLAN_CALLS_H_

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "server/api/call.h"
#include "server/api/services.h"
#include "server/base/mutex.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::api {

// A plan was asked for and there is no model to value offers by.
inline constexpr Reasons kPlanReasons = {.not_found = "BUDGET_NOT_FOUND",
                                         .failed_precondition = "NO_MODEL"};

// Thread-safe; outlives its calls, as services do.
class PlanCalls {
 public:
  explicit PlanCalls(ServiceContext context) : context_(context) {}

  grpc::ServerUnaryReactor* PlanBudget(grpc::CallbackServerContext* context,
                                       const tenure::v1::PlanBudgetRequest& request,
                                       tenure::v1::PlanBudgetResponse* response);
  grpc::ServerUnaryReactor* GetPlanProgress(grpc::CallbackServerContext* context,
                                            const tenure::v1::GetPlanProgressRequest& request,
                                            tenure::v1::GetPlanProgressResponse* response);

 private:
  struct Job;
  using PlanCall = std::shared_ptr<Call<tenure::v1::PlanBudgetResponse>>;
  using CallKey = std::pair<std::string, std::string>;  // caller, request id

  static void AnswerRecorded(const PlanCall& call, uint64_t seq);
  void Make(const PlanCall& call, const std::shared_ptr<Job>& job);

  const ServiceContext context_;
  Mutex mutex_;
  // Of the plans that are being made: the fraction done.
  std::map<CallKey, std::shared_ptr<std::atomic<double>>> under_way_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_PLAN_CALLS_H_
