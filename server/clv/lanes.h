// Eight numbers at once, as the compiler's vector types: in one, two or four registers, whatever
// the function that they are inlined into is compiled for. Logarithms and exponentials are the same
// steps on every machine. For source files compiled with -Wno-psabi.
#ifndef TENURE_SERVER_CLV_LANES_H_
#define TENURE_SERVER_CLV_LANES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#define TENURE_INLINE [[gnu::always_inline]] inline

namespace tenure::clv {

inline constexpr size_t kLanes = 8;
using Lanes = double __attribute__((vector_size(64)));
using LaneBits = uint64_t __attribute__((vector_size(64)));

TENURE_INLINE Lanes LoadLanes(const double* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}
TENURE_INLINE void StoreLanes(const Lanes& lanes, double* to) {
  std::memcpy(to, &lanes, sizeof(lanes));
}
TENURE_INLINE Lanes AllLanes(double value) { return Lanes{} + value; }

// All bits of a lane where x is below 0, −0, or a NaN with its sign set; comparisons that compilers
// take apart.
TENURE_INLINE LaneBits IsNegative(const Lanes& x) {
  return 0 - (reinterpret_cast<LaneBits>(x) >> 63);
}
// All bits of a lane where x is NaN: beyond infinity as a whole number.
TENURE_INLINE LaneBits IsNan(const Lanes& x) {
  constexpr uint64_t kInfinity = 0x7FF0'0000'0000'0000;
  return 0 - ((kInfinity - (reinterpret_cast<LaneBits>(x) & 0x7FFF'FFFF'FFFF'FFFFu)) >> 63);
}
TENURE_INLINE Lanes Choose(const LaneBits& mask, const Lanes& yes, const Lanes& no) {
  return reinterpret_cast<Lanes>((mask & reinterpret_cast<LaneBits>(yes)) |
                                 (~mask & reinterpret_cast<LaneBits>(no)));
}
// Of numbers whose difference is one; with NaN, or the same infinity twice, either of them.
TENURE_INLINE Lanes Smaller(const Lanes& l, const Lanes& r) {
  return Choose(IsNegative(l - r), l, r);
}
TENURE_INLINE Lanes Larger(const Lanes& l, const Lanes& r) {
  return Choose(IsNegative(l - r), r, l);
}
TENURE_INLINE Lanes Magnitude(const Lanes& x) {
  return reinterpret_cast<Lanes>(reinterpret_cast<LaneBits>(x) & 0x7FFF'FFFF'FFFF'FFFFu);
}
// In one order everywhere.
TENURE_INLINE double SumOf(const Lanes& x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

// e^x = 2^n (1 + rest), x = n ln 2 + r with |r| <= ln 2 / 2, and Taylor's series of e^r, even and
// odd powers apart. `exponent` is what adds n to the exponent of a double. x in [−708, 709].
struct SplitPower {
  Lanes rest;
  LaneBits exponent;
};
TENURE_INLINE SplitPower SplitExp(const Lanes& x) {
  constexpr double kLog2E = 1.44269504088896338700;
  constexpr double kLn2High = 6.93147180369123816490e-01;  // 32 bits: n times it is exact
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  constexpr double kToWhole = 6755399441055744.0;  // 1.5 · 2^52: the sum's last bits are n
  const Lanes shifted = x * kLog2E + kToWhole;
  const Lanes n = shifted - kToWhole;
  const Lanes r = (x - n * kLn2High) - n * kLn2Low;
  const Lanes s = r * r;
  const Lanes even =
      1. / 2 + s * (1. / 24 + s * (1. / 720 + s * (1. / 40'320 +
                                                   s * (1. / 3'628'800 + s * (1. / 479'001'600)))));
  const Lanes odd =
      1. / 6 +
      s * (1. / 120 + s * (1. / 5'040 +
                           s * (1. / 362'880 + s * (1. / 39'916'800 + s * (1. / 6'227'020'800)))));
  return {r + s * (even + r * odd), reinterpret_cast<LaneBits>(shifted) << 52};
}

// e^x within 2 ulp; 0 below −708 and of −infinity, e^709 above 709 and of infinity, NaN of NaN.
TENURE_INLINE Lanes Exp(const Lanes& x) {
  const SplitPower power = SplitExp(Smaller(Larger(x, AllLanes(-708)), AllLanes(709)));
  const Lanes scaled =
      reinterpret_cast<Lanes>(reinterpret_cast<LaneBits>(1 + power.rest) + power.exponent);
  return Choose(IsNan(x), x, Choose(IsNegative(x + 708), Lanes{}, scaled));
}

// e^x − 1 within 3 ulp, x <= 0; −1 of −infinity.
TENURE_INLINE Lanes Expm1(const Lanes& x) {
  const SplitPower power = SplitExp(Larger(x, AllLanes(-708)));
  const Lanes scale =
      reinterpret_cast<Lanes>(reinterpret_cast<LaneBits>(AllLanes(1)) + power.exponent);
  return scale * power.rest + (scale - 1);
}

// ln x within 1 ulp, x positive, finite and normal; of others any number, not NaN. x = 2^k m with m
// in [√½, √2), and the series of ln m in (m − 1)/(m + 1) with the coefficients of Sun's fdlibm.
TENURE_INLINE Lanes Log(const Lanes& x) {
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  constexpr uint64_t kOne = 0x3FF0'0000'0000'0000, kRootOfHalf = 0x3FE6'A09E'667F'3BCD;
  constexpr uint64_t kMantissa = 0x000F'FFFF'FFFF'FFFF;
  constexpr uint64_t kTwoTo52 = 0x4330'0000'0000'0000;
  const LaneBits bits = reinterpret_cast<LaneBits>(x) + (kOne - kRootOfHalf);
  const Lanes k = reinterpret_cast<Lanes>((bits >> 52) | kTwoTo52) - (0x1p52 + 1023);
  const Lanes m = reinterpret_cast<Lanes>((bits & kMantissa) + kRootOfHalf);
  const Lanes f = m - 1;
  const Lanes s = f / (2 + f);
  const Lanes z = s * s;
  const Lanes w = z * z;
  const Lanes even = w * (3.999999999940941908e-01 +
                          w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const Lanes odd = z * (6.666666666666735130e-01 +
                         w * (2.857142874366239149e-01 +
                              w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const Lanes half = 0.5 * f * f;
  return ((s * (half + (even + odd)) + k * kLn2Low) - half) + f + k * kLn2High;
}

// ln(1 + x) within 2 ulp, x >= 0 and finite: what 1 + x rounded away is added.
TENURE_INLINE Lanes Log1p(const Lanes& x) {
  const Lanes sum = 1 + x;
  return Log(sum) + (x - (sum - 1)) / sum;
}

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_LANES_H_
