// Two customers at once. What is written over a number type `N` works on a double, and on a pack of
// them element by element: the same operations in the same order, and so the same bits.
#ifndef TENURE_PLUGINS_SDK_PACK_H_
#define TENURE_PLUGINS_SDK_PACK_H_

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tenure::sdk {

inline constexpr size_t kPackRows = 2;  // what every x86-64 and every arm64 has registers for
typedef double Pack __attribute__((vector_size(kPackRows * sizeof(double))));
typedef int64_t IntPack __attribute__((vector_size(kPackRows * sizeof(int64_t))));

// std::min, std::max and std::clamp, which choose between references, by values.
template <typename N>
N Min(N a, N b) {
  return b < a ? b : a;
}
template <typename N>
N Max(N a, N b) {
  return a < b ? b : a;
}
template <typename N>
N Clamp(N value, N low, N high) {
  return value < low ? low : (high < value ? high : value);
}

// The number `value` in every element.
template <typename N>
N Same(double value) {
  return value - N{};
}

// A function of one number for every element.
template <typename Function>
double Each(double x, const Function& function) {
  return function(x);
}
template <typename Function>
Pack Each(Pack x, const Function& function) {
  return Pack{function(x[0]), function(x[1])};
}

inline double Sqrt(double x) { return std::sqrt(x); }
inline Pack Sqrt(Pack x) { return Pack{std::sqrt(x[0]), std::sqrt(x[1])}; }

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_PACK_H_
