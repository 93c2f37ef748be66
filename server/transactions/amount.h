// Amounts as files write them.
#ifndef TENURE_SERVER_TRANSACTIONS_AMOUNT_H_
#define TENURE_SERVER_TRANSACTIONS_AMOUNT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure::transactions {

enum class DecimalMark { kPoint, kComma };

// "12", "-3.5", "1e3" or, by a comma, "12,5" and "1.234,50" in micros; more than six decimals are
// rounded to the nearest. INVALID_ARGUMENT with the remedy where it is no number or more than money
// holds. Thread-safe.
absl::StatusOr<int64_t> ParseAmount(absl::string_view text, DecimalMark mark);

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_AMOUNT_H_
