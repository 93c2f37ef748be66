#include "server/rules/yaml_text.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/rules/yaml_document.h"

namespace tenure::rules {
namespace {

// Length of the well-formed UTF-8 character at `i` (Unicode 15, table 3-7), or 0.
size_t CharacterLength(absl::string_view text, size_t i) {
  const auto byte = [&](size_t k) -> uint32_t {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
  };
  const uint32_t lead = byte(i);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0u) != 0x80u) return 0;
  }
  const uint32_t next = byte(i + 1);
  if ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next > 0x9F)) return 0;
  if ((lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next > 0x8F)) return 0;
  return length;
}

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
  for (size_t i = *skipped; i < text.size();) {
    const size_t length = CharacterLength(text, i);
    if (length == 0) return refuse(i, "the file is not UTF-8 text; save it as UTF-8");
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
    i += length;
  }
  return true;
}

void ReportSyntaxError(const Source& source, size_t offset, absl::string_view message,
                       ProblemList* problems) {
  const absl::string_view text = source.text;
  for (size_t start = 0; start < text.size() && start <= offset;) {
    size_t i = start;
    while (i < text.size() && text[i] == ' ') ++i;
    if (i < text.size() && text[i] == '\t') {
      problems->Error(problems->At(source.file, i),
                      "a tab indents this line; YAML is indented by spaces");
      return;
    }
    const size_t end = text.find('\n', start);
    if (end == absl::string_view::npos) break;
    start = end + 1;
  }
  problems->Error(problems->At(source.file, offset), absl::StrCat("not valid YAML: ", message));
}

}  // namespace tenure::rules
