// The ledger's bytes: magic and version, then periods, nodes and holds in little-endian integers,
// then a hash of all that. Holds are sorted, so that the same state has the same bytes.
#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/budget/ledger.h"

namespace tenure::budget {
namespace {

constexpr absl::string_view kMagic = "TNLEDGER";
constexpr uint64_t kVersion = 3;

void PutU64(uint64_t value, std::string* out) {
  for (int shift = 0; shift < 64; shift += 8) {
    out->push_back(static_cast<char>((value >> shift) & 0xFFu));
  }
}
void PutI64(int64_t value, std::string* out) { PutU64(static_cast<uint64_t>(value), out); }
void PutText(absl::string_view text, std::string* out) {
  PutU64(text.size(), out);
  out->append(text.data(), text.size());
}

// Reads past the end give zeros and clear `ok`, which is asked before anything is believed.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}
  uint64_t U64() {
    if (rest_.size() < 8) {
      ok_ = false;
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(8);
    return value;
  }
  int64_t I64() { return static_cast<int64_t>(U64()); }
  std::string Text() {
    const uint64_t size = U64();
    if (size > rest_.size()) {
      ok_ = false;
      return "";
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("ledger snapshot: ", what, "; rebuild the state from the journal"));
}

}  // namespace

std::string Ledger::Serialize() const {
  std::string out(kMagic);
  PutU64(kVersion, &out);
  PutU64(periods_.size(), &out);
  for (const Period& period : periods_) {
    PutText(period.budget_id, &out);
    PutI64(period.start_us, &out);
    PutI64(period.end_us, &out);
    PutI64(period.customer_limit, &out);
  }
  PutU64(nodes_.size(), &out);
  for (const Node& node : nodes_) {
    PutText(node.id, &out);
    PutI64(node.parent, &out);
    PutI64(node.period, &out);
    PutI64(node.balance.limit, &out);
    PutI64(node.dropped_committed, &out);
    PutI64(node.dropped_refunded, &out);
  }
  std::vector<uint64_t> ids;
  ids.reserve(holds_.size());
  for (const auto& [id, hold] : holds_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  PutU64(ids.size(), &out);
  for (const uint64_t id : ids) {
    const Hold& hold = holds_.at(id);
    PutU64(id, &out);
    PutI64(hold.node, &out);
    PutU64(static_cast<uint64_t>(hold.state), &out);
    PutI64(hold.held_micros, &out);
    PutI64(hold.expires_us, &out);
    PutI64(hold.committed_micros, &out);
    PutI64(hold.refunded_micros, &out);
    PutU64(hold.customer, &out);
    PutU64(hold.coupon, &out);
  }
  SerializeCoupons(&out);
  PutU64(StableHash(out), &out);
  return out;
}

void Ledger::SerializeCoupons(std::string* out) const {
  std::vector<uint64_t> ids;
  ids.reserve(coupons_.size());
  for (const auto& [id, coupon] : coupons_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  PutU64(ids.size(), out);
  for (const uint64_t id : ids) {
    const Coupon& coupon = coupons_.at(id);
    PutU64(id, out);
    PutI64(coupon.node, out);
    PutI64(coupon.most_micros, out);
    PutI64(coupon.expires_us, out);
    PutU64(coupon.customer, out);
    PutU64(coupon.hold_id, out);
  }
}

absl::StatusOr<Ledger> Ledger::Deserialize(absl::string_view bytes) {
  if (bytes.size() < kMagic.size() + 16 || bytes.substr(0, kMagic.size()) != kMagic) {
    return Damaged("not a ledger, or cut off");
  }
  const absl::string_view body = bytes.substr(0, bytes.size() - 8);
  Reader reader(body.substr(kMagic.size()));
  if (const uint64_t version = reader.U64(); version != kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("ledger snapshot: version ", version, ", this server reads ", kVersion));
  }
  if (Reader(bytes.substr(body.size())).U64() != StableHash(body)) {
    return Damaged("its digest differs from its content");
  }
  Ledger ledger;
  const uint64_t periods = reader.U64();
  for (uint64_t i = 0; i < periods && reader.ok(); ++i) {
    Period period{reader.Text(), reader.I64(), reader.I64(), {}, reader.I64(), {}};
    ledger.period_by_start_[{period.budget_id, period.start_us}] = static_cast<int32_t>(i);
    ledger.periods_.push_back(std::move(period));
  }
  const uint64_t nodes = reader.U64();
  for (uint64_t i = 0; i < nodes && reader.ok(); ++i) {
    std::string id = reader.Text();
    const int64_t parent = reader.I64();
    const int64_t period = reader.I64();
    const int64_t limit = reader.I64();
    const int64_t committed = reader.I64();
    const int64_t refunded = reader.I64();
    if (parent < kNoNode || parent >= static_cast<int64_t>(i) || period < 0 ||
        period >= static_cast<int64_t>(ledger.periods_.size()) || limit < 0 || committed < 0 ||
        refunded < 0) {
      return Damaged("an envelope without a place in the tree");
    }
    ledger.AddNode(static_cast<int32_t>(period), static_cast<NodeId>(parent),
                   {std::move(id), kNoNode, limit});
    ledger.nodes_.back().dropped_committed = committed;
    ledger.nodes_.back().dropped_refunded = refunded;
    for (auto node = static_cast<NodeId>(i); node != kNoNode;
         node = ledger.nodes_[Index(node)].parent) {
      ledger.nodes_[Index(node)].balance.committed += committed;
      ledger.nodes_[Index(node)].balance.refunded += refunded;
    }
  }
  const uint64_t holds = reader.U64();
  for (uint64_t i = 0; i < holds && reader.ok(); ++i) {
    const uint64_t id = reader.U64();
    Hold hold;
    hold.node = static_cast<NodeId>(reader.I64());
    hold.state = static_cast<HoldState>(reader.U64());
    hold.held_micros = reader.I64();
    hold.expires_us = reader.I64();
    hold.committed_micros = reader.I64();
    hold.refunded_micros = reader.I64();
    hold.customer = static_cast<uint32_t>(reader.U64());
    hold.coupon = reader.U64();
    if (!ledger.Known(hold.node) || hold.state > HoldState::kRefunded || hold.held_micros < 0 ||
        hold.committed_micros < 0 || hold.committed_micros > hold.held_micros ||
        hold.refunded_micros < 0 || hold.refunded_micros > hold.committed_micros) {
      return Damaged("a hold that could not have been placed");
    }
    ledger.Change(id, hold);
  }
  const uint64_t coupons = reader.U64();
  for (uint64_t i = 0; i < coupons && reader.ok(); ++i) {
    const uint64_t id = reader.U64();
    Coupon coupon;
    coupon.node = static_cast<NodeId>(reader.I64());
    coupon.most_micros = reader.I64();
    coupon.expires_us = reader.I64();
    coupon.customer = static_cast<uint32_t>(reader.U64());
    coupon.hold_id = reader.U64();
    if (!ledger.Known(coupon.node) || coupon.most_micros < 0) {
      return Damaged("a coupon that could not have been given out");
    }
    ledger.coupons_[id] = coupon;
  }
  if (!reader.done()) return Damaged("it ends at the wrong place");
  return ledger;
}

}  // namespace tenure::budget
