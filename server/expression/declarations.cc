#include "server/expression/declarations.h"

#include "server/expression/row.h"

namespace tenure::expression {

Declarations DeclarationsOf(const Schema& schema) {
  Declarations declarations;
  declarations.rules = true;
  for (const Field& field : schema.fields()) {
    declarations.variables.emplace(field.name, StaticTypeOf(field.dtype));
  }
  return declarations;
}

}  // namespace tenure::expression
