#include "server/expression/pattern.h"

#include "absl/strings/str_cat.h"

namespace tenure::expression {

std::unique_ptr<const RE2> CompilePattern(absl::string_view pattern, const Bounds& bounds,
                                          std::string* why) {
  if (pattern.size() > bounds.pattern_bytes) {
    *why = absl::StrCat("the pattern has ", pattern.size(), " bytes, more than ",
                        bounds.pattern_bytes);
    return nullptr;
  }
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(1 << 20);
  auto compiled =
      std::make_unique<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) {
    *why = absl::StrCat("the pattern is malformed: ", compiled->error());
    return nullptr;
  }
  return compiled;
}

}  // namespace tenure::expression
