#include "server/customers/id_index.h"

#include <algorithm>

namespace tenure::customers {

uint32_t IdIndex::Find(absl::string_view id) const {
  const Part& part = parts_[PartOf(id)];
  ReaderLock lock(&part.mutex);
  const auto found = part.records.find(id);
  return found == part.records.end() ? 0 : NumberOf(*found);
}

const char* IdIndex::Store(absl::string_view id, uint32_t number) {
  constexpr size_t kSmallBlock = 1024, kLargeBlock = 64 * 1024;
  Part& part = parts_[PartOf(id)];
  const auto length = static_cast<uint32_t>(id.size());
  const size_t bytes = 2 * sizeof(uint32_t) + id.size();
  WriterLock lock(&part.mutex);
  if (part.blocks.empty() || part.used + bytes > part.block_bytes) {
    // Blocks double, so that a small population stays small.
    const size_t wanted = part.block_bytes == 0 ? kSmallBlock : 2 * part.block_bytes;
    part.block_bytes = std::max(std::min(wanted, kLargeBlock), bytes);
    part.blocks.emplace_back(new char[part.block_bytes]);
    part.used = 0;
  }
  char* record = part.blocks.back().get() + part.used;
  part.used += bytes;
  std::memcpy(record, &number, sizeof(number));
  std::memcpy(record + sizeof(number), &length, sizeof(length));
  std::memcpy(record + 2 * sizeof(number), id.data(), id.size());
  return record;
}

void IdIndex::Show(const char* record) {
  Part& part = parts_[PartOf(IdOf(record))];
  WriterLock lock(&part.mutex);
  part.records.insert(record);
}

}  // namespace tenure::customers
