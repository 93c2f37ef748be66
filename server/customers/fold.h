// What an event does to a customer's state. The result depends on when things happened, not on the
// order in which they became known (but for events of the very same instant).
#ifndef TENURE_SERVER_CUSTOMERS_FOLD_H_
#define TENURE_SERVER_CUSTOMERS_FOLD_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/customers/names.h"
#include "server/customers/state.h"
#include "server/journal/records.h"

namespace tenure::customers {

inline constexpr int32_t kEngagementDaysKept = 90;
// The last contact of each campaign is kept for good, for re-entry.
inline constexpr int64_t kContactDaysKept = 400;

// Folds one event that has not been folded before. Consent: the latest by when it happened; at the
// same instant the more restrictive. Attributes: the latest by when they happened.
void Fold(const journal::EventRecord& event, Names* names, State* state);

// Its purchase, first as plain values and then folded: together the same as Fold.
PurchaseHistory::Item PurchaseOf(const journal::EventRecord& event, Names* names);
void FoldPurchase(const PurchaseHistory::Item& purchase, State* state);

void FoldContact(const Contact& contact, Names* names, State* state);
// Confirms, or takes away, the contacts of a decision; of one campaign only where it is not empty.
void FoldSettlement(uint64_t decision, absl::string_view campaign, bool confirmed,
                    const Names& names, State* state);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_FOLD_H_
