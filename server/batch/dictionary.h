// The distinct strings of a column; rows hold codes into it.
#ifndef TENURE_SERVER_BATCH_DICTIONARY_H_
#define TENURE_SERVER_BATCH_DICTIONARY_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace tenure {

// Not thread-safe while strings are added; const use is thread-safe afterwards.
class Dictionary {
 public:
  Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  // The code of `text`, added when new. Codes count from 0 in order of addition.
  int32_t Intern(absl::string_view text);
  // -1 when absent.
  int32_t Find(absl::string_view text) const;

  size_t size() const { return views_.size(); }
  absl::string_view Get(int32_t code) const { return views_[static_cast<size_t>(code)]; }
  // All entries by code; views stay valid as long as the dictionary.
  const std::vector<absl::string_view>& entries() const { return views_; }
  // Unique within the process: the same id means the same dictionary.
  uint64_t id() const { return id_; }

 private:
  const uint64_t id_;
  std::deque<std::string> strings_;  // a deque never moves its elements
  std::vector<absl::string_view> views_;
  absl::flat_hash_map<absl::string_view, int32_t> codes_;
};

}  // namespace tenure

#endif  // TENURE_SERVER_BATCH_DICTIONARY_H_
