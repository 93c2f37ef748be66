// Any bytes as a rule file, checked and run as the commands do, or as tests: located problems or a
// rule set, never a crash. Built with -fsanitize=fuzzer it is a libFuzzer target;
// tests/rules/mutation_test.cc feeds it seeded mutations of the shipped rules.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/rules/compiler.h"
#include "server/rules/test_runner.h"
#include "tests/rules/fake_catalog.h"

namespace {

// Cases that every rule set can run: somebody new, and somebody with a history.
constexpr char kCases[] = R"(at: 2018-01-03
cases:
  - {name: nobody, expect: {}}
  - name: somebody
    customer: {clv: 100.0, p_alive: 0.5, tier: high}
    events:
      - {date: 2017-01-03, purchase: 25.00, margin: 5, category: Paper}
      - {date: 2017-12-03, purchase: 10.00}
      - {date: 2017-12-13, refund: 10.00}
      - {date: 2017-12-20, contact: email}
    expect: {}
)";

const tenure::rules::RuleSet& Plain() {
  using namespace tenure::rules;
  static const Compiled* const kPlain = new Compiled(Compile(
      {{"rules.yaml",
        "{name: a, currency: USD, zone: UTC, tracks: [{id: t, stages: [{id: s, enter: true}]}]}"}},
      FakeCatalog()));
  if (kPlain->rule_set == nullptr) std::abort();
  return *kPlain->rule_set;
}

}  // namespace

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
  if (compiled.rule_set == nullptr) {
    RunTests(Plain(), {{"a_test.yaml", text}});
    return 0;
  }
  // What `rules check` counts and a decision asks of any rule set.
  if (compiled.rule_set->tracks.empty() || compiled.rule_set->tracks[0].stages.empty()) {
    std::abort();
  }
  for (const Budget& budget : compiled.rule_set->budgets) {
    if (budget.segments.size() < 2) std::abort();  // one for everybody, and "unplanned"
  }
  const TestReport report = RunTests(*compiled.rule_set, {{"a_test.yaml", kCases}});
  if (!report.problems.empty() || report.cases.size() != 2) std::abort();
  return 0;
}
