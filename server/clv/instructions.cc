#include "server/clv/instructions.h"

#include <atomic>

namespace tenure::clv {
namespace {

std::atomic<Instructions>& InUse() {
  static std::atomic<Instructions> in_use{BestInstructions()};
  return in_use;
}

}  // namespace

Instructions BestInstructions() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return Instructions::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Instructions::kAvx2;
#endif
  return Instructions::kPortable;
}

Instructions InstructionsInUse() { return InUse().load(std::memory_order_relaxed); }

bool UseInstructions(Instructions instructions) {
  if (instructions > BestInstructions()) return false;
  InUse().store(instructions, std::memory_order_relaxed);
  return true;
}

}  // namespace tenure::clv
