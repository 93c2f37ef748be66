#include "server/customers/names.h"

#include <bit>

namespace tenure::customers {

Names::~Names() {
  for (const auto& block : blocks_) delete[] block.load(std::memory_order_relaxed);
}

int32_t Names::Intern(absl::string_view name) {
  if (name.empty()) return kNone;
  MutexLock lock(&mutex_);
  if (const auto found = codes_.find(name); found != codes_.end()) return found->second;
  const uint32_t place = static_cast<uint32_t>(codes_.size()) + kFirst;
  const auto b = static_cast<size_t>(std::bit_width(place / kFirst) - 1);
  const uint32_t begin = kFirst << b;
  absl::string_view* block = blocks_[b].load(std::memory_order_relaxed);
  if (block == nullptr) {
    block = new absl::string_view[begin];
    blocks_[b].store(block, std::memory_order_release);
  }
  const absl::string_view kept = text_.emplace_back(name);
  block[place - begin] = kept;
  const auto code = static_cast<int32_t>(place - kFirst);
  codes_.emplace(kept, code);
  return code;
}

absl::string_view Names::Get(int32_t code) const {
  if (code < 0) return {};
  const uint32_t place = static_cast<uint32_t>(code) + kFirst;
  const auto b = static_cast<size_t>(std::bit_width(place / kFirst) - 1);
  return blocks_[b].load(std::memory_order_acquire)[place - (kFirst << b)];
}

}  // namespace tenure::customers
