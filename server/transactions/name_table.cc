#include "server/transactions/name_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/types/span.h"

namespace tenure::transactions {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 16;
constexpr size_t kFirstSlots = 1'024;
constexpr size_t kHead = 15;     // bytes of a text that stand in its slot
constexpr uint8_t kLong = 0xFF;  // the length of one that has more

uint64_t Load(const char* from, size_t bytes) {
  uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  return word;
}

// The first 15 bytes and zeros, by loads of fixed sizes that overlap: no copy of unknown length.
void FillHead(absl::string_view name, uint64_t* head) {
  const char* const text = name.data();
  const size_t size = std::min(name.size(), kHead);
  head[0] = head[1] = 0;
  if (std::endian::native != std::endian::little) {
    if (size > 0) std::memcpy(head, text, size);
  } else if (size >= 8) {
    head[0] = Load(text, 8);
    if (size > 8) head[1] = Load(text + size - 8, 8) >> (8 * (16 - size));
  } else if (size >= 4) {
    head[0] = Load(text, 4) | Load(text + size - 4, 4) << (8 * (size - 4));
  } else if (size > 0) {
    head[0] = Load(text, 1) | Load(text + size / 2, 1) << (8 * (size / 2)) |
              Load(text + size - 1, 1) << (8 * (size - 1));
  }
}

// Of a text that its slot holds whole.
uint64_t HashOfHead(const uint64_t* head) {
  __extension__ using Wide = unsigned __int128;
  const Wide product =
      static_cast<Wide>(head[0] ^ 0x9E37'79B9'7F4A'7C15u) * (head[1] ^ 0xBF58'476D'1CE4'E5B9u);
  const uint64_t mixed = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return (mixed ^ (mixed >> 29)) * 0x94D0'49BB'1331'11EBu;
}

uint64_t HashOfName(const uint64_t* head, absl::string_view name) {
  if (name.size() <= kHead) return HashOfHead(head);
  return absl::Hash<absl::string_view>()(name);
}

}  // namespace

NameTable::NameTable() : slot_count_(kFirstSlots), slots_(FreeSlots(kFirstSlots)) {}

LargeArray<NameTable::Slot> NameTable::FreeSlots(size_t count) {
  LargeArray<Slot> slots = MakeLargeArray<Slot>(count);
  std::fill_n(slots.get(), count, Slot());
  return slots;
}

void NameTable::Prepare(absl::string_view name, Key* key) const {
  const bool is_long = name.size() > kHead;
  FillHead(name, key->head);
  reinterpret_cast<uint8_t*>(key->head)[kHead] =
      is_long ? kLong : static_cast<uint8_t>(name.size());
  key->hash = HashOfName(key->head, name);
  const Slot* const slot = &slots_[key->hash & (slot_count_ - 1)];
  __builtin_prefetch(slot);
  __builtin_prefetch(reinterpret_cast<const char*>(slot + 1) - 1);  // it may lie over two lines
  if (is_long) key->text.assign(name.data(), name.size());
}

uint32_t NameTable::Add(const Key& key) {
  const auto* const head = reinterpret_cast<const char*>(key.head);
  const auto length = static_cast<uint8_t>(head[kHead]);
  const bool is_long = length == kLong;
  const auto hash = static_cast<uint32_t>(key.hash >> 32);
  const size_t mask = slot_count_ - 1;
  for (size_t at = key.hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.next_number == 0) {
      names_.push_back(
          Keep(is_long ? absl::string_view(key.text) : absl::string_view(head, length)));
      const auto next = static_cast<uint32_t>(names_.size());
      slot = {next, hash, {key.head[0], key.head[1]}};
      if (names_.size() > slot_count_ / 8 * 5) Grow();
      return next - 1;
    }
    const uint64_t differs = (slot.head[0] ^ key.head[0]) | (slot.head[1] ^ key.head[1]);
    if (slot.hash != hash || differs != 0) continue;
    if (!is_long || names_[slot.next_number - 1] == key.text) return slot.next_number - 1;
  }
}

void NameTable::Grow() {
  const LargeArray<Slot> old = std::exchange(slots_, FreeSlots(slot_count_ * 2));
  const size_t old_count = std::exchange(slot_count_, slot_count_ * 2);
  const size_t mask = slot_count_ - 1;
  for (const Slot& slot : absl::MakeConstSpan(old.get(), old_count)) {
    if (slot.next_number == 0) continue;
    const bool is_long = reinterpret_cast<const uint8_t*>(slot.head)[kHead] == kLong;
    const uint64_t hash =
        is_long ? HashOfName(slot.head, names_[slot.next_number - 1]) : HashOfHead(slot.head);
    size_t at = hash & mask;
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
