// Response curves: which are valid, and what one does at a price.
#ifndef TENURE_SERVER_BUDGET_RESPONSE_CURVE_H_
#define TENURE_SERVER_BUDGET_RESPONSE_CURVE_H_

#include "absl/status/status.h"
#include "server/budget/cells.h"

namespace tenure::budget {

// INVALID_ARGUMENT naming the parameter that can't be.
absl::Status CheckCurve(const ResponseCurve& curve);
double CurveValue(const ResponseCurve& curve, double x);
double CurveSlope(const ResponseCurve& curve, double x);
bool IsSShaped(const ResponseCurve& curve);
// Where an S-shaped curve turns concave; 0 for the others.
double Inflection(const ResponseCurve& curve);
// Where the line from 0 touches an S-shaped curve: its concave envelope is that line up to there.
double TangentPoint(const ResponseCurve& curve);
// The least x >= 0 on the concave part with slope <= price; infinite where there is none.
double ConcaveDemand(const ResponseCurve& curve, double price);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_RESPONSE_CURVE_H_
