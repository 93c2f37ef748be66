#include "server/plugin_host/worker_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/plugin_host/plugin_call.h"

namespace tenure::plugin_host {

Worker::~Worker() {
  if (handle_ == nullptr) return;
  const PluginCall call(plugin_->id().c_str(), plugin_->path().c_str(), "worker_destroy");
  plugin_->table().worker_destroy(policy_, handle_);
}

absl::Status Worker::Start() {
  const PluginCall call(plugin_->id().c_str(), plugin_->path().c_str(), "worker_create");
  return error_.Take(plugin_->table().worker_create(policy_, &handle_, error_.buffer()), *plugin_);
}

absl::Status Worker::BindSchema(const std::shared_ptr<const Schema>& schema) {
  const size_t count = plugin_->columns().size();
  schema_ = nullptr;
  index_.assign(count, kAbsent);
  columns_.assign(count, tenure_column{});
  strings_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const ColumnNeed& need = plugin_->columns()[i];
    columns_[i].dtype = static_cast<uint32_t>(need.dtype);
    const std::optional<size_t> at = schema->Find(need.name);
    if (!at.has_value()) {
      if (!need.required) continue;
      return absl::InvalidArgumentError(absl::StrCat("plugin ", plugin_->id(), " needs column '",
                                                     need.name, "', which the batch lacks"));
    }
    if (schema->field(*at).dtype != need.dtype) {
      return absl::InvalidArgumentError(absl::StrCat(
          "plugin ", plugin_->id(), " needs column '", need.name, "' as ", DTypeName(need.dtype),
          "; the batch has it as ", DTypeName(schema->field(*at).dtype)));
    }
    index_[i] = *at;
  }
  schema_ = schema;
  return absl::OkStatus();
}

void Worker::BindAbsent(size_t rows, tenure_column* column) {
  zeros_.resize(std::max(zeros_.size(), (rows + 63) / 64 * 64));
  column->values = zeros_.data();
  column->validity = zeros_.data();
}

absl::Status Worker::Bind(const Batch& batch) {
  if (schema_ != batch.shared_schema()) TENURE_RETURN_IF_ERROR(BindSchema(batch.shared_schema()));
  // First the absent ones: they share a buffer, which may move as it grows.
  for (size_t i = 0; i < index_.size(); ++i) {
    if (index_[i] == kAbsent) BindAbsent(batch.rows(), &columns_[i]);
  }
  for (size_t i = 0; i < index_.size(); ++i) {
    if (index_[i] == kAbsent) continue;
    const ColumnView view = batch.column(index_[i]);
    columns_[i].values = view.values;
    columns_[i].validity = view.validity;
    columns_[i].dict = nullptr;
    if (view.dictionary == nullptr) continue;
    Strings& strings = strings_[i];
    const auto& entries = view.dictionary->entries();
    if (strings.id != view.dictionary->id() || strings.entries.size() != entries.size()) {
      strings.id = view.dictionary->id();
      strings.entries.clear();
      for (absl::string_view text : entries) strings.entries.push_back({text.data(), text.size()});
      strings.dict = {strings.entries.size(), strings.entries.data(), strings.id};
    }
    columns_[i].dict = &strings.dict;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Worker>> WorkerPool::Take() {
  {
    MutexLock lock(&mutex_);
    if (!free_.empty()) {
      std::unique_ptr<Worker> worker = std::move(free_.back());
      free_.pop_back();
      return worker;
    }
  }
  auto worker = std::make_unique<Worker>(plugin_, policy_);
  TENURE_RETURN_IF_ERROR(worker->Start());
  return worker;
}

void WorkerPool::Return(std::unique_ptr<Worker> worker) {
  MutexLock lock(&mutex_);
  free_.push_back(std::move(worker));
}

}  // namespace tenure::plugin_host
