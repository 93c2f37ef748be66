// Contracts whose renewals come by the calendar rather than to the day.
#ifndef TENURE_SERVER_CLV_RENEWALS_H_
#define TENURE_SERVER_CLV_RENEWALS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/history.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

// Whether a model is of contracts with known retention: sbg, bdw.
bool IsContract(absl::string_view model);

// A history in periods as ContractModel wants it: whole renewals, as many as periods have passed
// between first and last purchase and no more than there were purchases after the first, and the
// silence since the last one. A silence of up to a twentieth above one period counts as one: a
// month may have a day more than the others. Thread-safe.
History RenewalsOf(const History& history);
// The same in days, for fits to customers as they have bought; `period_days` above 0.
Observation RenewalsOf(const Observation& row, double period_days);

// Customers as fits of `model` take them: contracts as renewals, others as they are. Thread-safe.
std::vector<Observation> RowsFor(absl::string_view model, double time_unit_days,
                                 absl::Span<const Observation> rows);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_RENEWALS_H_
