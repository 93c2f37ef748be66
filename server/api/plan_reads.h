// The plans that were ever in force: GetPlan and ListPlans. Internal to api/: includes grpcpp.
#ifndef TENURE_SERVER_API_PLAN_READS_H_
#define TENURE_SERVER_API_PLAN_READS_H_

#include "server/api/services.h"
#include "tenure/v1/budget_service.pb.h"

namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
}  // namespace grpc

namespace tenure::api {

// Thread-safe.
grpc::ServerUnaryReactor* ServeGetPlan(const ServiceContext& service,
                                       grpc::CallbackServerContext* context,
                                       const tenure::v1::GetPlanRequest& request,
                                       tenure::v1::GetPlanResponse* response);
grpc::ServerUnaryReactor* ServeListPlans(const ServiceContext& service,
                                         grpc::CallbackServerContext* context,
                                         const tenure::v1::ListPlansRequest& request,
                                         tenure::v1::ListPlansResponse* response);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_PLAN_READS_H_
