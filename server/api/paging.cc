#include "server/api/paging.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tenure::api {
namespace {

constexpr size_t kDefaultSize = 100;
constexpr absl::string_view kPrefix = "from-";

}  // namespace

Page ParsePage(int32_t page_size, absl::string_view page_token, size_t most,
               Violations* violations) {
  Page page;
  if (page_size < 0) violations->Add("page_size", "must not be negative");
  page.size = page_size <= 0 ? kDefaultSize : std::min(static_cast<size_t>(page_size), most);
  if (page_token.empty()) return page;
  // Far below where a page's end would no longer fit, and written as PageToken writes it.
  constexpr uint64_t kLast = uint64_t{1} << 48;
  if (!absl::StartsWith(page_token, kPrefix) ||
      !absl::SimpleAtoi(page_token.substr(kPrefix.size()), &page.first) || page.first > kLast ||
      absl::StrCat(kPrefix, page.first) != page_token) {
    page.first = 0;
    violations->Add("page_token", "is not a `next_page_token` of this method");
  }
  return page;
}

std::string PageToken(uint64_t first, uint64_t total) {
  return first < total ? absl::StrCat(kPrefix, first) : std::string();
}

}  // namespace tenure::api
