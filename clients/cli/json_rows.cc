#include "clients/cli/json_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::json;

std::string Quoted(absl::string_view text) {
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// ASCII that JSON writes as it is.
bool IsPlain(char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; }

}  // namespace

JsonRows::JsonRows(absl::Span<const std::string> keys, size_t depth) {
  const std::string outer(2 * depth, ' ');
  for (const std::string& key : keys) {
    before_.push_back(absl::StrCat(",\n", outer, "    ", Quoted(key), ": "));
  }
  const std::string key = before_[0].substr(1);
  first_ = absl::StrCat("[\n", outer, "  {", key);
  before_[0] = absl::StrCat("\n", outer, "  },\n", outer, "  {", key);
  end_ = absl::StrCat("\n", outer, "  }\n", outer, "]");
}

void JsonRows::AddKey(std::string* text) {
  *text += is_empty_ ? first_ : before_[next_];
  is_empty_ = false;
  if (++next_ == before_.size()) next_ = 0;
}

void JsonRows::Add(absl::string_view value, std::string* text) {
  AddKey(text);
  if (std::all_of(value.begin(), value.end(), IsPlain)) {
    absl::StrAppend(text, "\"", value, "\"");
  } else {
    *text += Quoted(value);
  }
}

void JsonRows::Add(double value, std::string* text) {
  AddKey(text);
  *text += Json(value).dump();
}

void JsonRows::Add(int64_t value, std::string* text) {
  AddKey(text);
  absl::StrAppend(text, value);
}

void JsonRows::AddNull(std::string* text) {
  AddKey(text);
  *text += "null";
}

void JsonRows::End(std::string* text) const { *text += is_empty_ ? "[]" : end_; }

std::string Indented(absl::string_view document, size_t depth) {
  return absl::StrReplaceAll(document, {{"\n", absl::StrCat("\n", std::string(2 * depth, ' '))}});
}

}  // namespace tenure::cli
