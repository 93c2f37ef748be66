#include "server/engine/decision_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/engine/evaluation.h"

namespace tenure::engine {
namespace {

// Rows that one thread values together: enough to share the work of a batch, few enough that the
// first does not wait long for the last.
constexpr size_t kRowsTogether = 32;

}  // namespace

DecisionPool::DecisionPool(const Options& options, const customers::Population* population,
                           const InForce* in_force, CommandQueue* sequencer)
    : options_(options), population_(population), in_force_(in_force), sequencer_(sequencer) {
  for (int i = 0; i < std::max(1, options.decision_threads); ++i) {
    threads_.emplace_back([this] { Work(); });
  }
  watchdog_ = std::thread([this] { Watch(); });
}

DecisionPool::~DecisionPool() { Stop(); }

bool DecisionPool::TryPush(DecideCommand&& command) {
  MutexLock lock(&mutex_);
  const size_t rows = command.rows.size();
  if (stop_ || open_rows_.load() + rows > options_.limits.queue_depth) return false;
  open_rows_.fetch_add(rows);
  command.done = [this, rows, done = std::move(command.done)](auto results) {
    open_rows_.fetch_sub(rows);
    done(std::move(results));
  };
  waiting_.push_back(std::move(command));
  wake_.NotifyOne();
  return true;
}

bool DecisionPool::EvaluateAgain(DecideCommand&& command) {
  MutexLock lock(&mutex_);
  if (stop_) return false;
  waiting_.push_front(std::move(command));
  wake_.NotifyOne();
  return true;
}

void DecisionPool::Stop() {
  {
    MutexLock lock(&mutex_);
    watch_over_ = true;
    watch_wake_.NotifyAll();
  }
  if (watchdog_.joinable()) watchdog_.join();  // from here on no thread is added
  {
    MutexLock lock(&mutex_);
    stop_ = true;
    wake_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void DecisionPool::Work() {
  mutex_.Lock();
  for (;;) {
    while (waiting_.empty() && !stop_) wake_.Wait(&mutex_);
    if (waiting_.empty()) break;
    std::vector<DecideCommand> commands;
    size_t rows = 0;
    while (!waiting_.empty() &&
           (rows == 0 || rows + waiting_.front().rows.size() <= kRowsTogether)) {
      rows += waiting_.front().rows.size();
      commands.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    mutex_.Unlock();
    const bool mine = Evaluate(std::move(commands));
    mutex_.Lock();
    if (!mine) {
      ++came_back_;
      break;
    }
  }
  mutex_.Unlock();
}

bool DecisionPool::Evaluate(std::vector<DecideCommand> asked) {
  std::vector<DecideCommand>& commands = batches_.Start(std::move(asked));
  const std::shared_ptr<const decision::World> world = in_force_->view()->world;
  const int64_t asked_us = std::max(options_.clock->NowUs(), in_force_->last_at_us());
  std::vector<DecideRow*> rows;
  for (DecideCommand& command : commands) {
    command.world = world;
    for (DecideRow& row : command.rows) {
      if (row.error.ok()) rows.push_back(&row);
    }
  }
  EvaluateRows(*population_, *world, asked_us, options_.limits, rows);
  std::optional<std::vector<DecideCommand>> evaluated = batches_.Finish();
  if (!evaluated.has_value()) return false;
  for (DecideCommand& command : *evaluated) sequencer_->Push(std::move(command));
  return true;
}

}  // namespace tenure::engine
