// One row of a batch as variables of the reference evaluator.
#ifndef TENURE_SERVER_EXPRESSION_ROW_H_
#define TENURE_SERVER_EXPRESSION_ROW_H_

#include <string>

#include "server/batch/batch.h"
#include "server/expression/evaluator.h"

namespace tenure::expression {

// Borrows the batch.
class RowActivation final : public Activation {
 public:
  RowActivation(const Batch& batch, size_t row) : batch_(batch), row_(row) {}
  // A missing value, or a column that isn't there, is kNoSuchAttribute.
  Value Find(const std::string& name) const override;

 private:
  const Batch& batch_;
  const size_t row_;
};

StaticType StaticTypeOf(DType dtype);

// What microseconds of a column are: an error where the language's range doesn't hold them.
Value TimestampOfColumn(int64_t micros);
Value DurationOfColumn(int64_t micros);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_ROW_H_
