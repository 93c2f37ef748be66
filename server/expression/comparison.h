// Equality and order of values: numbers of all kinds on one number line, NaN equal to nothing.
#ifndef TENURE_SERVER_EXPRESSION_COMPARISON_H_
#define TENURE_SERVER_EXPRESSION_COMPARISON_H_

#include <compare>
#include <cstdint>
#include <optional>

#include "server/expression/operation.h"
#include "server/expression/value.h"

namespace tenure::expression {

// Exact, without rounding the integer.
std::partial_ordering Order(int64_t a, double b);
std::partial_ordering Order(uint64_t a, double b);
std::strong_ordering Order(int64_t a, uint64_t b);

// Values of different types are unequal; lists and maps compare by their items. Not for errors.
// Adds to `*steps` the items and bytes looked at.
bool Equal(const Value& a, const Value& b, uint64_t* steps);

// Nothing where no order is defined between these types. Strings by code point, bytes by octet,
// false before true.
std::optional<std::partial_ordering> Order(const Value& a, const Value& b);

// What <, <=, >, >= say of an ordering; unordered (NaN) is always false.
bool Holds(Operation operation, std::partial_ordering order);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_COMPARISON_H_
