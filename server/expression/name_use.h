// Where an expression names its variables, and the texts that it compares them with.
#ifndef TENURE_SERVER_EXPRESSION_NAME_USE_H_
#define TENURE_SERVER_EXPRESSION_NAME_USE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/batch/schema.h"

namespace tenure::expression {

struct NameUse {
  std::string column;
  size_t offset = 0;  // bytes into the text
};

// Every use of a column of `schema`, in the order written, also beside names that are unknown and
// types that don't fit; none where the text can't be parsed. Thread-safe.
std::vector<NameUse> FindNames(absl::string_view text, const Schema& schema);

struct ComparedText {
  std::string column;
  std::string text;
  size_t offset = 0;  // of the text's literal
};

// Every literal that a column of `schema` is compared with by ==, != or in, in the order written;
// else as FindNames. Thread-safe.
std::vector<ComparedText> FindComparedTexts(absl::string_view text, const Schema& schema);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_NAME_USE_H_
