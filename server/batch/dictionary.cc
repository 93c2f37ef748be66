#include "server/batch/dictionary.h"

#include <atomic>

namespace tenure {
namespace {

uint64_t NextId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Dictionary::Dictionary() : id_(NextId()) {}

int32_t Dictionary::Intern(absl::string_view text) {
  if (const auto it = codes_.find(text); it != codes_.end()) return it->second;
  const auto code = static_cast<int32_t>(views_.size());
  strings_.emplace_back(text);
  views_.emplace_back(strings_.back());
  codes_.emplace(views_.back(), code);
  return code;
}

int32_t Dictionary::Find(absl::string_view text) const {
  const auto it = codes_.find(text);
  return it == codes_.end() ? -1 : it->second;
}

}  // namespace tenure
