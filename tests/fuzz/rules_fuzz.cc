// Any bytes as a rule file, and as its tests: located problems or a rule set, never a crash.
// Built with -fsanitize=fuzzer it is a libFuzzer target; tests/rules/mutation_test.cc feeds it
// seeded mutations of the shipped rules.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/rules/compiler.h"
#include "server/rules/test_runner.h"
#include "tests/rules/fake_catalog.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tenure::rules;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const FakeCatalog catalog;
  const Compiled compiled = Compile({{"rules.yaml", text}}, catalog);
  bool refused = false;
  for (const Problem& problem : compiled.problems) {
    refused = refused || problem.severity == Severity::kError;
    if (Render(problem).empty()) std::abort();
  }
  if (refused != (compiled.rule_set == nullptr)) std::abort();
  if (compiled.rule_set != nullptr) RunTests(*compiled.rule_set, {{"a_test.yaml", text}});
  return 0;
}
