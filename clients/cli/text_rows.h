// Rows of text written fast: straight into one buffer, no allocation a row.
#ifndef TENURE_CLIENTS_CLI_TEXT_ROWS_H_
#define TENURE_CLIENTS_CLI_TEXT_ROWS_H_

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tenure::cli {

// A file of rows, complete or not there at all: written beside its place and renamed by Finish.
// Memory does not grow with the file. Not thread-safe.
class TextRows {
 public:
  // Bytes that may be added between two calls of EndRow.
  static constexpr size_t kMostRow = 16'384;

  // Empty: standard output.
  explicit TextRows(std::string path);
  ~TextRows();
  TextRows(const TextRows&) = delete;
  TextRows& operator=(const TextRows&) = delete;

  void Add(absl::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void Add(char c) { *at_++ = c; }
  void Add(uint64_t number) { at_ = std::to_chars(at_, end_, number).ptr; }
  // The shortest text that reads back as the same.
  void Add(double number) { at_ = std::to_chars(at_, end_, number).ptr; }
  // units / 10^decimals, 1 to 4 decimals: 1234 with two is 12.34.
  void AddFixed(uint64_t units, int decimals);
  // Ends the row with a newline; writes when the buffer is full.
  void EndRow() {
    *at_++ = '\n';
    if (at_ >= full_) Write();
  }

  // UNAVAILABLE naming the file when anything could not be written. The last call.
  absl::Status Finish();
  // Whether writing has failed already, so that more rows are in vain.
  bool failed() const { return failed_; }

 private:
  static constexpr size_t kBuffer = size_t{1} << 18;

  void Write();
  absl::Status Unwritable() const;

  const std::string path_;
  std::FILE* file_ = nullptr;
  bool failed_ = false;
  const std::unique_ptr<char[]> buffer_;
  char* at_;
  char* const full_;
  char* const end_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_TEXT_ROWS_H_
