#include "server/engine/key_window.h"

#include "server/base/hash.h"
#include "server/base/status.h"

namespace tenure::engine {

KeyWindow::KeyWindow(int64_t unit_us, int64_t spans, size_t max_keys)
    : unit_us_(unit_us), spans_(spans), max_keys_(max_keys) {}

uint64_t KeyWindow::SlotOf(uint64_t fingerprint, uint64_t step) {
  return step == 0 ? fingerprint : CombineHash(fingerprint, step);
}

bool KeyWindow::Alive(uint64_t packed, int64_t at_us) const {
  // Only the unit is kept: counted from the unit's end the promised span is never cut short.
  return UnitOf(packed) + spans_ >= at_us / unit_us_;
}

absl::StatusOr<uint64_t> KeyWindow::Find(
    uint64_t fingerprint, int64_t at_us,
    const std::function<absl::StatusOr<bool>(uint64_t)>& same) const {
  for (uint64_t step = 0;; ++step) {
    const auto it = packed_by_slot_.find(SlotOf(fingerprint, step));
    if (it == packed_by_slot_.end()) return 0;
    if (!Alive(it->second, at_us)) continue;
    TENURE_ASSIGN_OR_RETURN(const bool is_same, same(SeqOf(it->second)));
    if (is_same) return SeqOf(it->second);
  }
}

void KeyWindow::Insert(uint64_t fingerprint, uint64_t seq, int64_t at_us) {
  while (!order_.empty() && !Alive(order_.front().packed, at_us)) Forget();
  while (order_.size() >= max_keys_) {
    Forget();
    ++crowded_out_;
  }
  Item item{SlotOf(fingerprint, 0), seq << 20 | static_cast<uint64_t>(at_us / unit_us_)};
  for (uint64_t step = 1; !packed_by_slot_.try_emplace(item.slot, item.packed).second; ++step) {
    item.slot = SlotOf(fingerprint, step);
  }
  order_.push_back(item);
  if (recording_) ++added_;
}

void KeyWindow::Forget() {
  const Item item = order_.front();
  order_.pop_front();
  packed_by_slot_.erase(item.slot);
  if (!recording_) return;
  if (added_ > order_.size()) {
    // It came and went since the checkpoint: nothing to bring back.
    --added_;
  } else {
    forgotten_.push_back(item);
  }
}

void KeyWindow::Checkpoint() {
  recording_ = true;
  added_ = 0;
  forgotten_.clear();
  crowded_out_before_ = crowded_out_;
}

void KeyWindow::Rollback() {
  for (; added_ > 0; --added_) {
    packed_by_slot_.erase(order_.back().slot);
    order_.pop_back();
  }
  for (; !forgotten_.empty(); forgotten_.pop_back()) {
    const Item& item = forgotten_.back();
    packed_by_slot_[item.slot] = item.packed;
    order_.push_front(item);
  }
  crowded_out_ = crowded_out_before_;
}

void KeyWindow::Save(Writer* out) const {
  out->U64(crowded_out_);
  out->U64(order_.size());
  for (const Item& item : order_) {
    out->U64(item.slot);
    out->U64(item.packed);
  }
}

absl::Status KeyWindow::Restore(Reader* in) {
  crowded_out_ = in->U64();
  const uint64_t count = in->U64();
  if (count > in->left() / 16) return absl::DataLossError("a window is cut short");
  packed_by_slot_.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t slot = in->U64();
    const uint64_t packed = in->U64();
    if (!packed_by_slot_.emplace(slot, packed).second) {
      return absl::DataLossError("a window has a key twice");
    }
    order_.push_back({slot, packed});
  }
  return absl::OkStatus();
}

}  // namespace tenure::engine
