// Pages of a List (AIP-158).
#ifndef TENURE_SERVER_API_PAGING_H_
#define TENURE_SERVER_API_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/api/errors.h"

namespace tenure::api {

struct Page {
  uint64_t first = 0;  // position of its first item
  size_t size = 0;
};

// 0 means 100; more than `most` means `most`. A negative size or a token that this server did not
// give is a violation.
Page ParsePage(int32_t page_size, absl::string_view page_token, size_t most,
               Violations* violations);

// The token of the page that begins at `first`; empty when there is nothing from there on.
std::string PageToken(uint64_t first, uint64_t total);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_PAGING_H_
