// A small deterministic generator for simulation, draws and seeded tests: the same seed gives the
// same numbers on every machine (the standard's distributions do not promise that).
// xoshiro256++ 1.0 by Blackman and Vigna (2019), seeded by SplitMix64.
#ifndef TENURE_SERVER_BASE_RANDOM_H_
#define TENURE_SERVER_BASE_RANDOM_H_

#include <cstdint>

namespace tenure {

// Not thread-safe: one generator per thread.
class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9E3779B97F4A7C15u;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
      word = z ^ (z >> 31);
    }
  }

  uint64_t Next() {
    const uint64_t result = Rotate(state_[0] + state_[3], 23) + state_[0];
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = Rotate(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1), 53 bits.
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  // Uniform in (0, 1): safe for logarithms.
  double UniformOpen() { return (static_cast<double>(Next() >> 12) + 0.5) * 0x1.0p-52; }
  // Uniform in [0, n), n > 0, by multiplication; the bias is below n / 2^64.
  uint64_t Below(uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>((static_cast<Wide>(Next()) * n) >> 64);
  }

 private:
  static uint64_t Rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  uint64_t state_[4];
};

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_RANDOM_H_
