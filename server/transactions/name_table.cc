#include "server/transactions/name_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/hash/hash.h"

namespace tenure::transactions {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 16;
constexpr size_t kFirstSlots = 1'024;
constexpr size_t kHead = 15;     // bytes of a text that stand in its slot
constexpr uint8_t kLong = 0xFF;  // the length of one that has more

}  // namespace

NameTable::NameTable() : slots_(kFirstSlots) {}

void NameTable::Prepare(absl::string_view name, Key* key) const {
  key->hash = absl::Hash<absl::string_view>()(name);
  const Slot* const slot = &slots_[key->hash & (slots_.size() - 1)];
  __builtin_prefetch(slot);
  __builtin_prefetch(reinterpret_cast<const char*>(slot + 1) - 1);  // it may lie over two lines
  const bool is_long = name.size() > kHead;
  key->head[0] = key->head[1] = 0;
  if (!name.empty()) std::memcpy(key->head, name.data(), std::min(name.size(), kHead));
  reinterpret_cast<uint8_t*>(key->head)[kHead] =
      is_long ? kLong : static_cast<uint8_t>(name.size());
  if (is_long) key->text.assign(name.data(), name.size());
}

uint32_t NameTable::Add(const Key& key) {
  const auto* const head = reinterpret_cast<const char*>(key.head);
  const auto length = static_cast<uint8_t>(head[kHead]);
  const bool is_long = length == kLong;
  const auto hash = static_cast<uint32_t>(key.hash >> 32);
  const size_t mask = slots_.size() - 1;
  for (size_t at = key.hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.next_number == 0) {
      names_.push_back(
          Keep(is_long ? absl::string_view(key.text) : absl::string_view(head, length)));
      const auto next = static_cast<uint32_t>(names_.size());
      slot = {next, hash, {key.head[0], key.head[1]}};
      if (names_.size() > slots_.size() / 8 * 5) Grow();
      return next - 1;
    }
    const uint64_t differs = (slot.head[0] ^ key.head[0]) | (slot.head[1] ^ key.head[1]);
    if (slot.hash != hash || differs != 0) continue;
    if (!is_long || names_[slot.next_number - 1] == key.text) return slot.next_number - 1;
  }
}

void NameTable::Grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.next_number == 0) continue;
    size_t at = absl::Hash<absl::string_view>()(names_[slot.next_number - 1]) & mask;
    while (slots_[at].next_number != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

absl::string_view NameTable::Keep(absl::string_view name) {
  if (name.empty()) return {};
  if (name.size() > room_) {
    room_ = std::max(kBlockBytes, name.size());
    blocks_.emplace_back(new char[room_]);
    next_ = blocks_.back().get();
  }
  std::memcpy(next_, name.data(), name.size());
  const absl::string_view kept(next_, name.size());
  next_ += name.size();
  room_ -= name.size();
  return kept;
}

}  // namespace tenure::transactions
