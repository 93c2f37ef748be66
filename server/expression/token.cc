#include "server/expression/token.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/expression/literal.h"

namespace tenure::expression {
namespace {

constexpr size_t kNone = absl::string_view::npos;

bool IsNameStart(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

class Lexer {
 public:
  Lexer(absl::string_view text, std::vector<Problem>* problems)
      : text_(text), problems_(problems) {}

  std::vector<Token> Run() {
    while (SkipBlanks(), at_ < text_.size()) {
      if (!Quoted() && !Name() && !Number() && !QuotedName() && !Symbol()) Unknown();
    }
    tokens_.push_back({TokenKind::kEnd, text_.size(), 0, {}, {}});
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void Add(TokenKind kind, size_t end, Value value = {}) {
    tokens_.push_back({kind, at_, end - at_, text_.substr(at_, end - at_), std::move(value)});
    at_ = end;
  }
  void Fail(size_t offset, size_t length, std::string message) {
    problems_->push_back({ProblemKind::kParse, offset, length, std::move(message), ""});
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '/' && Peek(1) == '/') {
        const size_t end = text_.find('\n', at_);
        at_ = end == kNone ? text_.size() : end;
      } else {
        return;
      }
    }
  }

  bool Name() {
    if (!IsNameStart(Peek())) return false;
    size_t end = at_;
    while (end < text_.size() && IsNamePart(text_[end])) ++end;
    Add(TokenKind::kName, end);
    return true;
  }

  size_t SkipDigits(size_t from) const {
    while (from < text_.size() && IsDigit(text_[from])) ++from;
    return from;
  }

  bool Number() {
    if (!IsDigit(Peek()) && !(Peek() == '.' && IsDigit(Peek(1)))) return false;
    size_t end = at_;
    bool whole = true;
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X') && IsHexDigit(Peek(2))) {
      end = at_ + 2;
      while (end < text_.size() && IsHexDigit(text_[end])) ++end;
    } else {
      end = SkipDigits(at_);
      if (end + 1 < text_.size() && text_[end] == '.' && IsDigit(text_[end + 1])) {
        end = SkipDigits(end + 1);
        whole = false;
      }
      if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
        size_t digits = end + 1;
        if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
        if (digits < text_.size() && IsDigit(text_[digits])) {
          end = SkipDigits(digits);
          whole = false;
        }
      }
    }
    if (whole && end < text_.size() && (text_[end] == 'u' || text_[end] == 'U')) ++end;
    Add(TokenKind::kNumber, end);
    return true;
  }

  // ['b'] ['r'] and one of ' " ''' """.
  bool Quoted() {
    size_t quote = at_;
    const bool bytes = Peek() == 'b' || Peek() == 'B';
    if (bytes) ++quote;
    const bool raw = quote < text_.size() && (text_[quote] == 'r' || text_[quote] == 'R');
    if (raw) ++quote;
    if (quote >= text_.size() || (text_[quote] != '"' && text_[quote] != '\'')) return false;
    const char mark = text_[quote];
    const std::string triple(3, mark);
    const bool is_triple = absl::StartsWith(text_.substr(quote), triple);
    const size_t start = quote + (is_triple ? 3 : 1);
    const size_t end = FindClosing(start, mark, is_triple, raw);
    if (end == kNone) {
      Fail(at_, text_.size() - at_, "the quoted text never ends");
      at_ = text_.size();
      return true;
    }
    if (!is_triple && text_[end] != mark) {
      Fail(at_, end - at_, "the quoted text doesn't end on its line; three quotes span lines");
      at_ = end + 1;
      return true;
    }
    AddQuoted(start, end, end + (is_triple ? 3 : 1), bytes, raw);
    return true;
  }

  // The place of the closing quote, or of the line's end in a literal of one line.
  size_t FindClosing(size_t from, char mark, bool triple, bool raw) const {
    for (size_t i = from; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\' && !raw) {
        ++i;
      } else if (c == mark && (!triple || text_.substr(i, 3) == std::string(3, mark))) {
        return i;
      } else if (!triple && (c == '\n' || c == '\r')) {
        return i;
      }
    }
    return kNone;
  }

  void AddQuoted(size_t start, size_t close, size_t end, bool bytes, bool raw) {
    const absl::string_view body = text_.substr(start, close - start);
    std::string decoded;
    size_t bad = 0;
    std::string why;
    if (raw) {
      decoded = std::string(body);
    } else if (!DecodeEscapes(body, bytes, &decoded, &bad, &why)) {
      Fail(start + bad, bad + 1 < body.size() ? 2 : 1, why);
      at_ = end;
      return;
    }
    Add(TokenKind::kQuoted, end,
        bytes ? Value::OfBytes(std::move(decoded)) : Value::String(std::move(decoded)));
  }

  bool QuotedName() {
    if (Peek() != '`') return false;
    size_t end = at_ + 1;
    while (end < text_.size() &&
           (IsNamePart(text_[end]) || absl::StrContains("./- ", text_.substr(end, 1)))) {
      ++end;
    }
    if (end >= text_.size() || text_[end] != '`' || end == at_ + 1) return false;
    const size_t start = at_ + 1;
    Add(TokenKind::kQuotedName, end + 1);
    tokens_.back().text = text_.substr(start, end - start);
    return true;
  }

  bool Symbol() {
    if (absl::StartsWith(text_.substr(at_), "<>")) {
      Fail(at_, 2, "no token is <>; \"not equal\" is written !=");
      at_ += 2;
      return true;
    }
    static constexpr absl::string_view kPairs[] = {"==", "!=", "<=", ">=", "&&", "||"};
    for (const absl::string_view pair : kPairs) {
      if (absl::StartsWith(text_.substr(at_), pair)) return Add(TokenKind::kSymbol, at_ + 2), true;
    }
    if (!absl::StrContains("()[]{}.,:?+-*/%!<>", text_.substr(at_, 1))) return false;
    return Add(TokenKind::kSymbol, at_ + 1), true;
  }

  void Unknown() {
    const char c = text_[at_];
    size_t length = 1;
    while (at_ + length < text_.size() &&
           (static_cast<uint8_t>(text_[at_ + length]) & 0xC0) == 0x80) {
      ++length;
    }
    std::string hint;
    if (c == '=') hint = "; equality is written ==";
    if (c == '&') hint = "; \"and\" is written &&";
    if (c == '|') hint = "; \"or\" is written ||";
    Fail(at_, length, absl::StrCat("no token starts with ", text_.substr(at_, length), hint));
    at_ += length;
  }

  const absl::string_view text_;
  std::vector<Problem>* const problems_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace

std::vector<Token> Tokenize(absl::string_view text, std::vector<Problem>* problems) {
  if (const size_t bad = FindInvalidUtf8(text); bad != kNone) {
    problems->push_back({ProblemKind::kParse, bad, 1, "the expression isn't valid UTF-8", ""});
    return {};
  }
  return Lexer(text, problems).Run();
}

}  // namespace tenure::expression
