// From a customer's id to their number.
#ifndef TENURE_SERVER_CUSTOMERS_ID_INDEX_H_
#define TENURE_SERVER_CUSTOMERS_ID_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "server/base/mutex.h"

namespace tenure::customers {

// Ids are never removed, and a record (number, length, characters) never moves: a pointer to one is
// good as long as this, without a lock. One thread stores, any number find.
class IdIndex {
 public:
  IdIndex() = default;
  IdIndex(const IdIndex&) = delete;
  IdIndex& operator=(const IdIndex&) = delete;

  // 0 when unknown.
  uint32_t Find(absl::string_view id) const;
  // The record of a new id, found only once it has been shown.
  const char* Store(absl::string_view id, uint32_t number);
  void Show(const char* record);

  static uint32_t NumberOf(const char* record) { return Read(record); }
  static absl::string_view IdOf(const char* record) {
    return {record + 2 * sizeof(uint32_t), Read(record + sizeof(uint32_t))};
  }

 private:
  static uint32_t Read(const char* bytes) {
    uint32_t value;
    std::memcpy(&value, bytes, sizeof(value));
    return value;
  }
  static absl::string_view Key(absl::string_view id) { return id; }
  static absl::string_view Key(const char* record) { return IdOf(record); }
  struct Hash {
    using is_transparent = void;
    template <typename T>
    size_t operator()(T id) const {
      return absl::Hash<absl::string_view>()(Key(id));
    }
  };
  struct Equal {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(A a, B b) const {
      return Key(a) == Key(b);
    }
  };
  struct Part {
    mutable SharedMutex mutex;
    absl::flat_hash_set<const char*, Hash, Equal> records TENURE_GUARDED_BY(mutex);
    std::vector<std::unique_ptr<char[]>> blocks TENURE_GUARDED_BY(mutex);
    size_t used TENURE_GUARDED_BY(mutex) = 0;
    size_t block_bytes TENURE_GUARDED_BY(mutex) = 0;
  };
  static constexpr size_t kParts = 16;
  static size_t PartOf(absl::string_view id) {
    return (absl::Hash<absl::string_view>()(id) >> 56) % kParts;
  }

  std::array<Part, kParts> parts_;
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_ID_INDEX_H_
