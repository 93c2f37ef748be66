// Any bytes as an expression: compiling and evaluating must end, within bounds, without a fault,
// and both back ends must agree. A libFuzzer target; fuzz_test.cc runs the same body on seeded
// input.
#include "tests/fuzz/expression_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tenure::expression::FuzzOne(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
