// The rows of a JSON document, written one by one.
#ifndef TENURE_CLIENTS_CLI_JSON_ROWS_H_
#define TENURE_CLIENTS_CLI_JSON_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace tenure::cli {

// An array of objects with the same keys, as text: the same as that of nlohmann::ordered_json,
// dumped with an indent of 2, without the document in memory. Not thread-safe.
class JsonRows {
 public:
  // `depth`: how many arrays and objects it stands in.
  JsonRows(absl::Span<const std::string> keys, size_t depth);

  // The next key's value, appended to `text`: every object has all of its keys, in their order.
  void Add(absl::string_view value, std::string* text);
  void Add(double value, std::string* text);  // null for what is no finite number
  void Add(int64_t value, std::string* text);
  void AddNull(std::string* text);
  // The end of the array. Last.
  void End(std::string* text) const;

 private:
  void AddKey(std::string* text);

  std::vector<std::string> before_;  // each value: what ends the one before, and its key
  std::string first_;                // before the first value of all
  std::string end_;
  size_t next_ = 0;
  bool is_empty_ = true;
};

// A document's text as it stands in `depth` arrays and objects: each line but the first indented.
std::string Indented(absl::string_view document, size_t depth);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_JSON_ROWS_H_
