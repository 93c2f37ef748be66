// Purchases that would have come without marketing.
#ifndef TENURE_SERVER_CUSTOMERS_THINNING_H_
#define TENURE_SERVER_CUSTOMERS_THINNING_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/customers/purchase_history.h"
#include "server/customers/state.h"

namespace tenure::customers {

struct Thinned {
  PurchaseHistory purchases;
  int64_t after_contact = 0;  // days with a purchase within the window of a contact
  int64_t left_out = 0;       // of them
};

// Whether a contact of this customer may have brought a purchase: else thinning changes nothing.
bool MayBeInduced(const State& state);

// The purchases, but of the days within `window_us` after a contact only a share: each is kept with
// the probability p0 / (p0 + tau) that the contact's decision had for it (Contact::spontaneous; the
// least of several), drawn by a hash of id and day, so that it is kept in every summary or in none.
// Where a contact multiplies the rate of purchases by (p0 + tau) / p0, what is kept is a Poisson
// process of the rate without it (independent thinning; Kingman 1993, Poisson Processes, 5.1), and
// frequencies stay whole. The first day is always kept: it is what makes a customer.
Thinned Thin(const State& state, absl::string_view id, int64_t window_us);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_THINNING_H_
