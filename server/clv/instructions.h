// Which of the processor's instructions the inner loops use. All ways have the same steps in the
// same order; only fused multiply-adds round differently, so that results agree to 1e-12.
#ifndef TENURE_SERVER_CLV_INSTRUCTIONS_H_
#define TENURE_SERVER_CLV_INSTRUCTIONS_H_

namespace tenure::clv {

enum class Instructions {
  kPortable,  // what the compiler was told the processor has
  kAvx2,      // AVX2 and FMA
  kAvx512,    // AVX-512 F, DQ and VL
};

// The best this processor has, found out once. Thread-safe, as all here.
Instructions BestInstructions();
Instructions InstructionsInUse();
// For tests and comparisons: false, and no change, where the processor has no such instructions.
bool UseInstructions(Instructions instructions);

}  // namespace tenure::clv

// Makes name(…) of the inline function nameLoop(…), compiled for each of them:
// TENURE_FOR_ALL_INSTRUCTIONS(Add, (double x, double* y), (x, y)).
#if defined(__x86_64__)
#define TENURE_FOR_ALL_INSTRUCTIONS(name, parameters, arguments)                                  \
  __attribute__((target("avx512f,avx512dq,avx512vl"))) static void name##Avx512 parameters {      \
    name##Loop arguments;                                                                         \
  }                                                                                               \
  __attribute__((target("avx2,fma"))) static void name##Avx2 parameters { name##Loop arguments; } \
  static void name##Portable parameters { name##Loop arguments; }                                 \
  static void name parameters {                                                                   \
    switch (InstructionsInUse()) {                                                                \
      case Instructions::kAvx512:                                                                 \
        return name##Avx512 arguments;                                                            \
      case Instructions::kAvx2:                                                                   \
        return name##Avx2 arguments;                                                              \
      case Instructions::kPortable:                                                               \
        return name##Portable arguments;                                                          \
    }                                                                                             \
  }
#else
#define TENURE_FOR_ALL_INSTRUCTIONS(name, parameters, arguments) \
  static void name parameters { name##Loop arguments; }
#endif

#endif  // TENURE_SERVER_CLV_INSTRUCTIONS_H_
