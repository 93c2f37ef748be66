#include "server/customers/thinning.h"

#include <algorithm>

#include "server/base/hash.h"
#include "server/base/time.h"

namespace tenure::customers {
namespace {

// The hash's salt: another draw than any holdout's.
constexpr uint64_t kSalt = 0x7468696e6e696e67;

// The probability that a purchase then would have come anyway.
float SpontaneousAt(int64_t at_us, int64_t window_us, const CompactArray<PackedContact>& contacts) {
  float least = 1;
  for (const PackedContact& contact : contacts) {
    if (contact.at_us > at_us) break;
    if (contact.at_us > at_us - window_us) least = std::min(least, contact.spontaneous);
  }
  return least;
}

bool Kept(absl::string_view id, int32_t day, float probability) {
  const uint64_t hash = StableHash(id, kSalt ^ static_cast<uint64_t>(day));
  return static_cast<double>(hash >> 11) * 0x1p-53 < static_cast<double>(probability);
}

}  // namespace

bool MayBeInduced(const State& state) {
  if (state.extras == nullptr) return false;
  const CompactArray<PackedContact>& contacts = state.extras->contacts;
  return std::any_of(contacts.begin(), contacts.end(),
                     [](const PackedContact& contact) { return contact.spontaneous < 1; });
}

Thinned Thin(const State& state, absl::string_view id, int64_t window_us) {
  Thinned result;
  const PurchaseHistory& all = state.purchases;
  result.purchases.CountDaysBy(all.days());
  result.purchases.Reserve(all.size());
  for (size_t i = 0; i < all.size();) {
    const int32_t day = all.days().DayAt(all.at_us(i));
    float probability = 1;
    size_t end = i;
    for (; end < all.size() && all.days().DayAt(all.at_us(end)) == day; ++end) {
      probability =
          std::min(probability, SpontaneousAt(all.at_us(end), window_us, state.extras->contacts));
    }
    result.after_contact += probability < 1 ? 1 : 0;
    const bool kept = i == 0 || probability >= 1 || Kept(id, day, probability);
    result.left_out += kept ? 0 : 1;
    for (; i < end; ++i) {
      if (kept) result.purchases.Insert(all.Get(i));
    }
  }
  return result;
}

}  // namespace tenure::customers
