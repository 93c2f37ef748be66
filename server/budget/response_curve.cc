#include "server/budget/response_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenure::budget {

using Kind = ResponseCurve::Kind;

namespace {

constexpr double kMost = 1e100;  // of every number: sums and products of them stay finite

}  // namespace

absl::Status CheckCurve(const ResponseCurve& curve) {
  if (curve.kind == ResponseCurve::Kind::kPiecewiseLinear) {
    double from = 0;
    double before = std::numeric_limits<double>::max();
    for (const auto& [to, slope] : curve.pieces) {
      if (!(to > from) || !(slope >= 0) || !(slope <= before) || !(to <= kMost) ||
          !(slope <= kMost)) {
        return absl::InvalidArgumentError(
            "pieces need rising ends and slopes that fall and stay >= 0, all up to 1e100");
      }
      from = to;
      before = slope;
    }
    return absl::OkStatus();
  }
  if (!(curve.a >= 0) || !(curve.a <= kMost)) {
    return absl::InvalidArgumentError("a must be finite and >= 0, up to 1e100");
  }
  if (!(curve.b >= 1 / kMost) || !(curve.b <= kMost)) {
    return absl::InvalidArgumentError(
        "b (k of a Hill curve) must be finite and > 0, 1e-100 to 1e100");
  }
  if (!(curve.n >= 1) || !(curve.n <= 1'000)) {
    return absl::InvalidArgumentError("n must be finite and >= 1, up to 1,000");
  }
  return absl::OkStatus();
}

double CurveValue(const ResponseCurve& curve, double x) {
  switch (curve.kind) {
    case Kind::kLog:
      return curve.a * std::log1p(x / curve.b);
    case Kind::kSqrt:
      return curve.a * std::sqrt(x);
    case Kind::kExp:
      return -curve.a * std::expm1(-x / curve.b);
    case Kind::kHill:
      if (x <= 0) return 0;
      return curve.a / (1 + (curve.n == 1 ? curve.b / x : std::pow(curve.b / x, curve.n)));
    case Kind::kPiecewiseLinear: {
      double value = 0;
      double from = 0;
      for (const auto& [to, slope] : curve.pieces) {
        if (x <= from) break;
        value += slope * (std::min(x, to) - from);
        from = to;
      }
      return value;
    }
  }
  return 0;
}

double CurveSlope(const ResponseCurve& curve, double x) {
  switch (curve.kind) {
    case Kind::kLog:
      return curve.a / (curve.b + x);
    case Kind::kSqrt:
      return x <= 0 ? std::numeric_limits<double>::infinity() : curve.a / (2 * std::sqrt(x));
    case Kind::kExp:
      return curve.a / curve.b * std::exp(-x / curve.b);
    case Kind::kHill: {
      if (curve.n == 1) return curve.a / (curve.b + x) * (curve.b / (curve.b + x));
      if (x <= 0) return 0;
      // r / (1 + r)^2 of r = (x / k)^n is the same of 1 / r: of the two, the one that is no larger
      // than 1 can't overflow.
      const double r = std::pow(x < curve.b ? x / curve.b : curve.b / x, curve.n);
      return curve.a * curve.n / x * (r / ((1 + r) * (1 + r)));
    }
    case Kind::kPiecewiseLinear:
      for (const auto& [to, slope] : curve.pieces) {
        if (x < to) return slope;
      }
      return 0;
  }
  return 0;
}

bool IsSShaped(const ResponseCurve& curve) { return curve.kind == Kind::kHill && curve.n > 1; }

double Inflection(const ResponseCurve& curve) {
  if (!IsSShaped(curve)) return 0;
  return curve.b * std::pow((curve.n - 1) / (curve.n + 1), 1 / curve.n);
}

double TangentPoint(const ResponseCurve& curve) {
  // f(x) = x f'(x) where x^n = b^n (n - 1).
  return IsSShaped(curve) ? curve.b * std::pow(curve.n - 1, 1 / curve.n) : 0;
}

double ConcaveDemand(const ResponseCurve& curve, double price) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (curve.kind == Kind::kPiecewiseLinear) {
    double from = 0;
    for (const auto& [to, slope] : curve.pieces) {
      if (slope <= price) break;
      from = to;
    }
    return from;
  }
  if (price <= 0) return infinity;
  switch (curve.kind) {
    case Kind::kLog:
      return std::max(0.0, curve.a / price - curve.b);
    case Kind::kSqrt:
      return curve.a / (2 * price) * (curve.a / (2 * price));
    case Kind::kExp:
      return std::max(0.0, curve.b * std::log(curve.a / (curve.b * price)));
    default:
      break;
  }
  if (curve.n == 1) return std::max(0.0, std::sqrt(curve.a * curve.b / price) - curve.b);
  double low = Inflection(curve);
  if (CurveSlope(curve, low) <= price) return low;
  double high = 2 * low + curve.b;
  while (CurveSlope(curve, high) > price) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-15 * high; ++i) {
    const double middle = low + (high - low) / 2;
    (CurveSlope(curve, middle) > price ? low : high) = middle;
  }
  return high;
}

}  // namespace tenure::budget
