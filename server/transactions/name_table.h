// Texts as numbers 0, 1, 2 …: customers, orders, values that are carried along.
#ifndef TENURE_SERVER_TRANSACTIONS_NAME_TABLE_H_
#define TENURE_SERVER_TRANSACTIONS_NAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/transactions/large_memory.h"

namespace tenure::transactions {

// Holds each text once: 50 to 70 bytes and the text. A hash table whose slots hold short texts
// themselves, so that a known one costs one miss of the cache, not three; and none where the key is
// prepared some rows ahead. Not thread-safe.
class NameTable {
 public:
  static constexpr size_t kMost = 0xFFFF'FFFE;

  NameTable();

  // A text that is about to be added: its slot is on its way from memory meanwhile.
  struct Key {
    size_t hash = 0;
    uint64_t head[2] = {};  // the text's first 15 bytes, zeros behind it, and its length
    std::string text;       // where that is not all of it
  };
  void Prepare(absl::string_view name, Key* key) const;
  // The number of the text, new where it is unknown. Up to kMost texts.
  uint32_t Add(const Key& key);
  uint32_t Add(absl::string_view name) {
    Prepare(name, &own_key_);
    return Add(own_key_);
  }
  absl::string_view Get(uint32_t number) const { return names_[number]; }
  size_t size() const { return names_.size(); }

 private:
  struct Slot {
    uint32_t next_number;  // number + 1; 0: the slot is free
    uint32_t hash;
    uint64_t head[2];  // as of the key
  };

  static LargeArray<Slot> FreeSlots(size_t count);
  absl::string_view Keep(absl::string_view name);
  void Grow();

  Key own_key_;
  size_t slot_count_;       // a power of two, at most five eighths taken
  LargeArray<Slot> slots_;  //
  std::vector<absl::string_view> names_;
  std::vector<std::unique_ptr<char[]>> blocks_;  // of the texts
  size_t room_ = 0;                              // in the last one
  char* next_ = nullptr;                         // there
};

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_NAME_TABLE_H_
