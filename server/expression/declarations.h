// The columns of a schema as the variables of an expression.
#ifndef TENURE_SERVER_EXPRESSION_DECLARATIONS_H_
#define TENURE_SERVER_EXPRESSION_DECLARATIONS_H_

#include "server/batch/schema.h"
#include "server/expression/checker.h"

namespace tenure::expression {

// By the rules of rules: see Declarations. Thread-safe.
Declarations DeclarationsOf(const Schema& schema);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_DECLARATIONS_H_
