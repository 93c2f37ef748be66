// Tokens of the language.
#ifndef TENURE_SERVER_EXPRESSION_TOKEN_H_
#define TENURE_SERVER_EXPRESSION_TOKEN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/expression/problem.h"
#include "server/expression/value.h"

namespace tenure::expression {

enum class TokenKind : uint8_t {
  kEnd,
  kName,        // also true, false, null, in and reserved words: the parser knows which
  kQuotedName,  // `content-type`, after a dot only
  kNumber,      // its sign is the parser's business
  kQuoted,      // a string or bytes, decoded
  kSymbol,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t offset = 0;
  size_t length = 0;
  absl::string_view text;  // borrowed from the expression; of a quoted name, what is inside
  Value value;             // kQuoted
};

// Splits `text` and ends with kEnd. Problems are appended, all of them; the tokens are then not to
// be parsed.
std::vector<Token> Tokenize(absl::string_view text, std::vector<Problem>* problems);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_TOKEN_H_
