#include "server/rules/yaml_text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/rules/yaml_document.h"

namespace tenure::rules {
namespace {

// The lines of block scalars ("note: |") hold text, tabs among it.
class BlockScalars {
 public:
  // Whether the line is content of one. Lines in the order they stand.
  bool Holds(absl::string_view line) {
    line = absl::StripTrailingAsciiWhitespace(line);
    const size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (inside_ && (line.empty() || indent > parent_)) return true;
    inside_ = Opens(line);
    parent_ = indent;
    return false;
  }

 private:
  // "|" or ">" with indicators of chomping and indentation, after a key, a dash or at the start.
  static bool Opens(absl::string_view line) {
    const size_t comment = line.find(" #");
    line = absl::StripTrailingAsciiWhitespace(line.substr(0, comment));
    size_t end = line.find_last_not_of("+-0123456789");
    if (end == absl::string_view::npos || (line[end] != '|' && line[end] != '>')) return false;
    return end == 0 || line[end - 1] == ' ';
  }

  bool inside_ = false;
  size_t parent_ = 0;
};

}  // namespace

bool CheckYamlText(const Source& source, ProblemList* problems, size_t* skipped) {
  const absl::string_view text = source.text;
  *skipped = absl::StartsWith(text, "\xEF\xBB\xBF") ? 3 : 0;
  const auto refuse = [&](size_t offset, absl::string_view message) {
    problems->Error(problems->At(source.file, offset), std::string(message));
    return false;
  };
  size_t line_start = *skipped;
  int64_t open = 0;
  const size_t invalid = FindInvalidUtf8(text);
  for (size_t i = *skipped; i < text.size(); ++i) {
    if (i == invalid) return refuse(i, "the file is not UTF-8 text; save it as UTF-8");
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
      return refuse(i, "a control character; the file is not text");
    }
    if (c == '[' || c == '{') ++open;
    if (c == ']' || c == '}') --open;
    if (open > static_cast<int64_t>(kMaxYamlOpenBrackets)) {
      return refuse(i, absl::StrCat("more than ", kMaxYamlOpenBrackets, " brackets stay open"));
    }
    if (c == '\n') line_start = i + 1;
    if (i >= line_start + kMaxYamlLineBytes) {
      return refuse(i, absl::StrCat("the line is longer than ", kMaxYamlLineBytes, " bytes"));
    }
  }
  return true;
}

void ReportSyntaxError(const Source& source, size_t offset, absl::string_view message,
                       ProblemList* problems) {
  const absl::string_view text = source.text;
  BlockScalars blocks;
  for (size_t start = 0; start < text.size() && start <= offset;) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const absl::string_view line = text.substr(start, end - start);
    const size_t first = line.find_first_not_of(' ');
    if (!blocks.Holds(line) && first != absl::string_view::npos && line[first] == '\t') {
      problems->Error(problems->At(source.file, start + first),
                      "a tab indents this line; YAML is indented by spaces");
      return;
    }
    start = end + 1;
  }
  problems->Error(problems->At(source.file, offset), absl::StrCat("not valid YAML: ", message));
}

}  // namespace tenure::rules
