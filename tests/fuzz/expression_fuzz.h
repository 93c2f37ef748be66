// What a fuzzer does with an expression.
#ifndef TENURE_TESTS_FUZZ_EXPRESSION_FUZZ_H_
#define TENURE_TESTS_FUZZ_EXPRESSION_FUZZ_H_

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/status.h"
#include "server/expression/evaluator.h"
#include "server/expression/program.h"
#include "server/expression/row.h"

namespace tenure::expression {

inline std::shared_ptr<const Schema> FuzzSchema() {
  static const auto schema =
      std::make_shared<const Schema>(Schema::Create({{"i", DType::kInt64},
                                                     {"d", DType::kDouble},
                                                     {"c.s", DType::kString},
                                                     {"b", DType::kBool},
                                                     {"t", DType::kTimestamp},
                                                     {"u", DType::kDuration}})
                                         .value());
  return schema;
}

inline Batch FuzzBatch() {
  Batch batch(FuzzSchema(), 2);
  batch.SetInt64(0, 0, 3);
  batch.SetDouble(1, 0, -0.5);
  batch.SetString(2, 0, "W\u00e9st");
  batch.SetBool(3, 0, true);
  batch.SetInt64(4, 0, 1'514'973'600'000'000);
  batch.SetInt64(5, 0, 5'400'000'000);
  return batch;
}

// Whether the expression compiled. Stops the process where an invariant breaks.
inline bool FuzzOne(absl::string_view text) {
  static const Batch* const batch = new Batch(FuzzBatch());
  Bounds bounds;
  bounds.cost = 20'000;
  std::vector<Problem> problems;
  Declarations declarations;
  declarations.variables = {{"i", StaticType::kDyn}, {"c.s", StaticType::kDyn}};
  if (const auto node = Compile(text, declarations, bounds, &problems); node != nullptr) {
    uint64_t steps = 0;
    Evaluate(*node, RowActivation(*batch, 0), bounds, &steps);
  }
  for (const Problem& p : problems) TENURE_CHECK(p.offset + p.length <= text.size());
  problems.clear();
  const auto program = Program::Compile(text, *FuzzSchema(), &problems);
  TENURE_CHECK((program == nullptr) == !problems.empty());
  if (program == nullptr || program->result_type() != DType::kBool) return program != nullptr;
  Truth truths[2];
  program->Test(*batch, {0, 1}, absl::MakeSpan(truths));
  std::string missing;
  for (uint32_t row = 0; row < 2; ++row) {
    program->Explain(*batch, row, &missing);
    TENURE_CHECK(missing.empty() == (truths[row] != Truth::kMissing));
  }
  return true;
}

}  // namespace tenure::expression

#endif  // TENURE_TESTS_FUZZ_EXPRESSION_FUZZ_H_
