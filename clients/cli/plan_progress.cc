#include "clients/cli/plan_progress.h"

#include <utility>

#include "clients/cli/client.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::cli {
namespace {

constexpr int64_t kAskUs = 300'000;

}  // namespace

PlanProgress::PlanProgress(const Session& session, std::string request_id)
    : thread_([this, session, id = std::move(request_id)] { Run(session, id); }) {}

PlanProgress::~PlanProgress() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    stop_.NotifyAll();
  }
  thread_.join();
}

void PlanProgress::Run(const Session& session, const std::string& request_id) {
  Client client(session);
  tenure::v1::GetPlanProgressRequest request;
  request.set_request_id(request_id);
  bool shown = false;
  for (;;) {
    {
      MutexLock lock(&mutex_);
      if (!stopping_) stop_.WaitFor(&mutex_, kAskUs);
      if (stopping_) break;
    }
    tenure::v1::GetPlanProgressResponse response;
    // Not begun or over already: the call itself will say what is wrong, if anything is.
    if (!client.Call("BudgetService/GetPlanProgress", request, &response).ok()) continue;
    Progress("plan", response.fraction());
    shown = true;
  }
  if (shown) Progress("plan", 1);
}

}  // namespace tenure::cli
