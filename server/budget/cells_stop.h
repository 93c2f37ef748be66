// When a split over cells is to end with what it has.
#ifndef TENURE_SERVER_BUDGET_CELLS_STOP_H_
#define TENURE_SERVER_BUDGET_CELLS_STOP_H_

#include "server/base/clock.h"
#include "server/budget/cells.h"

namespace tenure::budget {

// Once asked to stop it stays so. Not thread-safe; the options outlive it.
class CellsStop {
 public:
  explicit CellsStop(const CellsOptions& options) : options_(&options) {}

  bool Now() {
    stopped_ = stopped_ || (options_->cancel != nullptr && options_->cancel->load()) ||
               MonotonicUs() >= options_->deadline_us;
    return stopped_;
  }
  bool stopped() const { return stopped_; }

 private:
  const CellsOptions* options_;
  bool stopped_ = false;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_STOP_H_
