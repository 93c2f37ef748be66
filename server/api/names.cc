#include "server/api/names.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tenure::api {

std::string Name(absl::string_view collection, absl::string_view id) {
  return id.empty() ? std::string() : absl::StrCat(collection, id);
}

absl::string_view ParseName(absl::string_view field, absl::string_view collection,
                            absl::string_view name, size_t id_bytes, Violations* violations) {
  const absl::string_view id =
      absl::StartsWith(name, collection) ? name.substr(collection.size()) : absl::string_view();
  if (id.empty()) {
    violations->Add(field, absl::StrCat("must be `", collection, "{id}`, is `", name, "`"));
  } else if (id.size() > id_bytes) {
    violations->Add(field, absl::StrCat("the id may have ", id_bytes, " bytes, has ", id.size()));
    return {};
  }
  return id;
}

void CheckText(absl::string_view field, absl::string_view text, size_t bytes,
               Violations* violations) {
  if (text.empty()) {
    violations->Add(field, "is required");
  } else if (text.size() > bytes) {
    violations->Add(field, absl::StrCat("may have ", bytes, " bytes, has ", text.size()));
  }
}

}  // namespace tenure::api
