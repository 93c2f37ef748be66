// A file that is written as a stream and appears when it is whole.
#ifndef TENURE_CLIENTS_CLI_OUTPUT_FILE_H_
#define TENURE_CLIENTS_CLI_OUTPUT_FILE_H_

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace tenure::cli {

// Not thread-safe.
class OutputFile {
 public:
  // Standard output where `path` is empty. UNAVAILABLE naming the path.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  // What was not kept is removed; of standard output nothing can be.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Where to append; written out now and then by Flow.
  std::string* text() { return &text_; }
  void Flow() {
    if (text_.size() >= kFull) Write();
  }
  // The rest, and the name. UNAVAILABLE when any of it could not be written. Last.
  absl::Status Keep();

 private:
  static constexpr size_t kFull = size_t{1} << 18;
  OutputFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  void Write();
  std::string temporary() const { return path_ + ".tmp"; }

  const std::string path_;
  std::FILE* file_;
  std::string text_;
  int error_ = 0;  // errno of the first write that failed
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_OUTPUT_FILE_H_
