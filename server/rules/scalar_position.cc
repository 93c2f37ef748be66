#include "server/rules/scalar_position.h"

#include <algorithm>

namespace tenure::rules {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

size_t SkipSpace(absl::string_view source, size_t at) {
  while (at < source.size() && IsSpace(source[at])) ++at;
  return at;
}

// Past "&anchor " and "!tag ", which YAML counts as part of the scalar.
size_t SkipProperties(absl::string_view source, size_t at) {
  while (at < source.size() && (source[at] == '&' || source[at] == '!')) {
    while (at < source.size() && !IsSpace(source[at])) ++at;
    at = SkipSpace(source, at);
  }
  return at;
}

// Bytes of the escape in a double-quoted scalar that begins at `at` with a backslash.
size_t EscapeLength(absl::string_view source, size_t at) {
  const char kind = at + 1 < source.size() ? source[at + 1] : ' ';
  if (kind == 'x') return 4;
  if (kind == 'u') return 6;
  return kind == 'U' ? 10 : 2;
}

// Past a run of white space in the source that stands for one character of the value. A run that
// holds a line break is folded or indentation, and stands for all the value's white space there.
size_t AfterSpace(absl::string_view source, size_t at) {
  const size_t end = SkipSpace(source, at);
  return source.substr(at, end - at).find('\n') == absl::string_view::npos ? at + 1 : end;
}

}  // namespace

size_t SourceOffset(const Node& node, absl::string_view source, size_t value_offset) {
  size_t at = SkipProperties(source, node.offset);
  if (at >= source.size()) return node.offset;
  const char style = node.plain ? ' ' : source[at];
  if (style == '|' || style == '>') {
    at = SkipSpace(source, std::min(source.find('\n', at), source.size()));
  } else if (style == '"' || style == '\'') {
    ++at;
  }
  const size_t end = std::min(value_offset, node.text.size());
  for (size_t i = 0; i < end && at < source.size(); ++i) {
    if (style == '"' && source[at] == '\\') {
      at += EscapeLength(source, at);
    } else if (IsSpace(node.text[i])) {
      if (IsSpace(source[at])) at = AfterSpace(source, at);
    } else {
      at += style == '\'' && source[at] == '\'' ? 2 : 1;
    }
  }
  return std::min(at, source.size());
}

}  // namespace tenure::rules
