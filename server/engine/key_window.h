// What has been seen lately: fingerprints of keys, each with the journal entry that bears the key.
// The event window makes ingest idempotent, the request window answers repeats.
#ifndef TENURE_SERVER_ENGINE_KEY_WINDOW_H_
#define TENURE_SERVER_ENGINE_KEY_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/bytes.h"

namespace tenure::engine {

// 64-bit fingerprints do not prove equality, so every hit is verified by the caller, who reads the
// entry; two keys of one fingerprint live side by side. About 40 bytes a key. A pure function of
// its insertions: what is too old, or too much, leaves at the next insertion, oldest first. Not
// thread-safe: the sequencer's.
class KeyWindow {
 public:
  // Remembers keys for `spans` × `unit_us` of journal time at least, less than one unit longer, at
  // most `max_keys` of them.
  KeyWindow(int64_t unit_us, int64_t spans, size_t max_keys);

  // The entry of this key, 0 when it was not seen in the window that ends at `at_us`. `same(seq)`
  // says whether entry `seq` bears the key; its errors are handed on.
  absl::StatusOr<uint64_t> Find(
      uint64_t fingerprint, int64_t at_us,
      const std::function<absl::StatusOr<bool>(uint64_t seq)>& same) const;
  // For a key that Find does not know. `at_us` never decreases.
  void Insert(uint64_t fingerprint, uint64_t seq, int64_t at_us);

  // As the ledger's: Rollback undoes what came since the last Checkpoint.
  void Checkpoint();
  void Rollback();

  size_t size() const { return order_.size(); }
  // How many were forgotten before their time, since there were too many.
  uint64_t crowded_out() const { return crowded_out_; }

  void Save(Writer* out) const;
  // For a fresh window. DATA_LOSS when the bytes are not one.
  absl::Status Restore(Reader* in);

 private:
  // Sequence and unit of time in one word: 44 and 20 bits.
  struct Item {
    uint64_t slot;
    uint64_t packed;
  };
  static uint64_t SeqOf(uint64_t packed) { return packed >> 20; }
  static int64_t UnitOf(uint64_t packed) { return static_cast<int64_t>(packed & 0xFFFFF); }
  static uint64_t SlotOf(uint64_t fingerprint, uint64_t step);
  bool Alive(uint64_t packed, int64_t at_us) const;
  void Forget();

  const int64_t unit_us_, spans_;
  const size_t max_keys_;
  absl::flat_hash_map<uint64_t, uint64_t> packed_by_slot_;
  std::deque<Item> order_;  // by sequence
  uint64_t crowded_out_ = 0;

  bool recording_ = false;
  size_t added_ = 0;             // since the checkpoint, at the back of order_
  std::vector<Item> forgotten_;  // since the checkpoint
  uint64_t crowded_out_before_ = 0;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_KEY_WINDOW_H_
