// What each operation does to values: the reference that every other back end agrees with.
#ifndef TENURE_SERVER_EXPRESSION_FUNCTIONS_H_
#define TENURE_SERVER_EXPRESSION_FUNCTIONS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "server/expression/bounds.h"
#include "server/expression/operation.h"
#include "server/expression/value.h"

namespace tenure::expression {

// Applies a strict operation (all but && || ?:) to arguments of which none is an error. Types that
// don't fit give kNoSuchOverload. Adds the work done to `*steps`. Thread-safe.
Value Apply(Operation operation, absl::Span<const Value> arguments, const Bounds& bounds,
            uint64_t* steps);

Value NoSuchOverload(Operation operation, absl::Span<const Value> arguments);

// Conversions and string functions, each in a file of its own.
Value Convert(Operation operation, const Value& value);
Value ApplyArithmetic(Operation operation, const Value& a, const Value& b, uint64_t* steps);
Value ApplyText(Operation operation, absl::Span<const Value> arguments, const Bounds& bounds,
                uint64_t* steps);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_FUNCTIONS_H_
