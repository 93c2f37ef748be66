// The services, each in a file of its own. Internal to api/.
#ifndef TENURE_SERVER_API_SERVICES_H_
#define TENURE_SERVER_API_SERVICES_H_

#include <memory>

namespace grpc {
class Service;
}

namespace tenure::api {

class Gatekeeper;
class RuleSets;
class ValueBases;

// What every service holds on to; all outlive it.
struct ServiceContext {
  Gatekeeper* gatekeeper;
  RuleSets* rule_sets;
  ValueBases* value_bases;
};

std::unique_ptr<grpc::Service> MakeDecisionService(ServiceContext context);
std::unique_ptr<grpc::Service> MakeCustomerService(ServiceContext context);
std::unique_ptr<grpc::Service> MakeModelService(ServiceContext context);
std::unique_ptr<grpc::Service> MakeRuleService(ServiceContext context);
std::unique_ptr<grpc::Service> MakeBudgetService(ServiceContext context);
std::unique_ptr<grpc::Service> MakePluginService(ServiceContext context);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_SERVICES_H_
