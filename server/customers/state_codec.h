// A customer's state as bytes, for snapshots. Numbers are varints (signed ones zigzag), names are
// written once each and then by place.
#ifndef TENURE_SERVER_CUSTOMERS_STATE_CODEC_H_
#define TENURE_SERVER_CUSTOMERS_STATE_CODEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/customers/names.h"
#include "server/customers/schedule.h"
#include "server/customers/state.h"

namespace tenure::customers {

class StateEncoder {
 public:
  StateEncoder(const Names& names, std::string* out) : names_(names), out_(*out) {}

  void Put(const State& state, absl::string_view id);
  // After the last state.
  void Put(const Schedule& schedule, uint32_t customers);
  // The names that have been used, at the end.
  void PutNames();
  void Bytes(absl::string_view bytes);

 private:
  void Unsigned(uint64_t value);
  void Signed(int64_t value);
  void Name(int32_t code);
  void PutPurchases(const PurchaseHistory& purchases);
  void PutExtras(const Extras* extras);
  void PutValue(const journal::AttributeValue& value);

  const Names& names_;
  std::string& out_;
  absl::flat_hash_map<int32_t, uint64_t> places_;  // code: place, from 1
  std::vector<int32_t> used_;                      // by place
};

// Reads what the encoder has written. Whatever the bytes, it neither fails nor reads beyond them:
// afterwards ok() says whether they were right so far.
class StateDecoder {
 public:
  explicit StateDecoder(absl::string_view bytes) : rest_(bytes) {}

  // Adds the names to `names`; the states read afterwards use them.
  void TakeNames(absl::string_view bytes, Names* names);
  // One state; its id is a view into the bytes.
  absl::string_view Take(State* state);
  void Take(size_t customers, Schedule* schedule);
  absl::string_view Bytes();

  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }

 private:
  uint64_t Unsigned();
  int64_t Signed();
  size_t Count();  // of elements that follow: not more than there are bytes
  int32_t Name();
  void TakePurchases(PurchaseHistory* purchases);
  void TakeExtras(Extras* extras);
  journal::AttributeValue TakeValue();

  absl::string_view rest_;
  bool ok_ = true;
  std::vector<int32_t> codes_;  // by place - 1
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_STATE_CODEC_H_
