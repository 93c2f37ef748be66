// How far a plan is that the server makes, while another thread waits for it.
#ifndef TENURE_CLIENTS_CLI_PLAN_PROGRESS_H_
#define TENURE_CLIENTS_CLI_PLAN_PROGRESS_H_

#include <string>
#include <thread>

#include "clients/cli/session.h"
#include "server/base/mutex.h"

namespace tenure::cli {

// Asks now and then, over a connection of its own, and shows what it hears (Progress of
// session.h); until it goes.
class PlanProgress {
 public:
  PlanProgress(const Session& session, std::string request_id);
  ~PlanProgress();
  PlanProgress(const PlanProgress&) = delete;
  PlanProgress& operator=(const PlanProgress&) = delete;

 private:
  void Run(const Session& session, const std::string& request_id);

  Mutex mutex_;
  CondVar stop_;
  bool stopping_ TENURE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_PLAN_PROGRESS_H_
