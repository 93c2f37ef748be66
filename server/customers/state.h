// One customer's state as the population keeps it: packed, names by code.
#ifndef TENURE_SERVER_CUSTOMERS_STATE_H_
#define TENURE_SERVER_CUSTOMERS_STATE_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/customers/compact_array.h"
#include "server/customers/customer.h"
#include "server/customers/names.h"
#include "server/customers/purchase_history.h"
#include "server/customers/tier.h"

namespace tenure::customers {

struct PackedContact {
  int64_t at_us;
  uint64_t decision;
  int32_t campaign, channel, stage, tags;  // tags: a list, packed as one name
  bool counts, confirmed;
  float spontaneous;
};
static_assert(sizeof(PackedContact) == 40);

struct PackedConsent {
  int64_t at_us;
  int32_t channel, purpose;
  journal::ConsentState state;
};

struct PackedAttribute {
  int32_t name;
  int64_t at_us;    // since when it has had this value
  int64_t told_us;  // when it was last said
  journal::AttributeValue value;
};

// Of the lifecycle (always the first) or another track, known by its name.
struct PackedStanding {
  int32_t track, stage, previous;
  int64_t entered_us;
};

struct LeftStage {
  int32_t track, stage;
  int64_t at_us;  // when last left
};

// What only some customers have.
struct Extras {
  CompactArray<Refund> refunds;             // by time
  CompactArray<EngagementDay> engagements;  // by day
  CompactArray<PackedConsent> consents;     // by channel, then purpose
  CompactArray<PackedContact> contacts;     // by time
  std::vector<PackedAttribute> attributes;  // by name

  // An empty one shares the lender's arrays, and the end of that: see State.
  void Borrow(const Extras& lender);
  void TakeFrom(Extras* lender);
};

// A change stages one that borrows what is published (compact_array.h): it has its own plain
// fields, appends where nobody reads, and copies a part before it changes anything else in it. Not
// thread-safe while written.
struct State {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  const char* id = nullptr;  // record of the index (id_index.h); null while not yet published
  int64_t first_seen_us = kNever;
  uint64_t last_seq = 0;
  // As an event, a decision or the first tick after a model's activation has last found it.
  Tier tier = Tier::kNone;
  bool extras_are_borrowed = false;  // as a whole
  PurchaseHistory purchases;
  CompactArray<PackedStanding> standings;
  CompactArray<LeftStage> left;
  std::unique_ptr<const Extras> extras;

  State() = default;
  State(State&& other) noexcept;
  State& operator=(State&& other) noexcept;
  ~State();

  // An empty one becomes a borrower.
  void Borrow(const State& lender);
  // The lender is about to be replaced by this: what is still shared is this one's from now on.
  void TakeFrom(State* lender);
  void Swap(State* other);

  Extras& MutableExtras();
  // On a track of a rule set by its position and name, whatever its name where it is the lifecycle;
  // null before the first evaluation.
  const PackedStanding* StandingOn(size_t track, int32_t name) const;
};

// The readable copies.
Customer Unpack(const State& state, absl::string_view id, const Names& names);
Profile UnpackProfile(const State& state, uint32_t number, absl::string_view id,
                      const Names& names);

// A list of names as one, and back.
int32_t PackTags(const std::vector<std::string>& tags, Names* names);
std::vector<std::string> UnpackTags(int32_t tags, const Names& names);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_STATE_H_
