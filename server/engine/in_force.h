// What readers see of the committed state beside the population: swapped by the sequencer after
// each commit that changes it.
#ifndef TENURE_SERVER_ENGINE_IN_FORCE_H_
#define TENURE_SERVER_ENGINE_IN_FORCE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "server/engine/model_versions.h"

namespace tenure::engine {

// Thread-safe.
class InForce {
 public:
  struct View {
    std::shared_ptr<const decision::World> world;  // null before the first rule set
    std::shared_ptr<const journal::ModelRecord> model;
    std::vector<ModelVersion> versions;  // the last ones, oldest first
    uint64_t last_model_entry = 0;
    std::vector<std::shared_ptr<const journal::PlanRecord>> plans;  // those that run, by budget
    uint64_t last_plan_seq = 0;
    std::map<std::string, uint64_t> last_plan_of;  // by budget; its period may be over
    std::map<std::string, uint64_t> published;     // hash of a rule set, where it stands
  };

  std::shared_ptr<const View> view() const {
    MutexLock lock(&mutex_);
    return view_;
  }
  void Set(std::shared_ptr<const View> view) {
    MutexLock lock(&mutex_);
    view_.swap(view);
  }

  Health health() const {
    MutexLock lock(&mutex_);
    return health_;
  }
  void SetRecovered(std::string how) {
    MutexLock lock(&mutex_);
    health_.recovered_from = std::move(how);
  }
  void Committed(uint64_t last_seq, int64_t at_us) {
    MutexLock lock(&mutex_);
    health_.writes_ok = true;
    health_.why.clear();
    health_.last_seq = last_seq;
    last_at_us_.store(at_us, std::memory_order_release);
  }
  void Failed(std::string why) {
    MutexLock lock(&mutex_);
    health_.writes_ok = false;
    health_.why = std::move(why);
  }
  // Of the last committed entry.
  int64_t last_at_us() const { return last_at_us_.load(std::memory_order_acquire); }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const View> view_ TENURE_GUARDED_BY(mutex_) = std::make_shared<const View>();
  Health health_ TENURE_GUARDED_BY(mutex_);
  std::atomic<int64_t> last_at_us_{0};
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_IN_FORCE_H_
