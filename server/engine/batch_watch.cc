#include "server/engine/batch_watch.h"

#include <utility>

namespace tenure::engine {

BatchWatch::Commands& BatchWatch::Start(Commands commands) {
  auto batch = std::make_unique<Batch>();
  batch->commands = std::move(commands);
  Commands& own = batch->commands;
  MutexLock lock(&mutex_);
  under_way_[std::this_thread::get_id()] = std::move(batch);
  return own;
}

std::optional<BatchWatch::Commands> BatchWatch::Finish() {
  std::unique_ptr<Batch> batch;
  {
    MutexLock lock(&mutex_);
    const auto own = under_way_.find(std::this_thread::get_id());
    batch = std::move(own->second);
    under_way_.erase(own);
  }
  if (batch->taken) return std::nullopt;
  return std::move(batch->commands);
}

std::optional<BatchWatch::Commands> BatchWatch::Take(std::thread::id thread) {
  MutexLock lock(&mutex_);
  const auto found = under_way_.find(thread);
  if (found == under_way_.end() || found->second->taken) return std::nullopt;
  found->second->taken = true;
  Commands anew;
  for (const DecideCommand& command : found->second->commands) {
    DecideCommand& copy = anew.emplace_back();
    copy.done = command.done;
    copy.again = command.again;
    for (const DecideRow& row : command.rows) {
      DecideRow& asked = copy.rows.emplace_back();
      asked.request = row.request;
      asked.error = row.error;
    }
  }
  return anew;
}

}  // namespace tenure::engine
