// A file that is written as a stream and appears when it is whole.
#ifndef TENURE_CLIENTS_CLI_OUTPUT_FILE_H_
#define TENURE_CLIENTS_CLI_OUTPUT_FILE_H_

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "clients/cli/temporary_file.h"

namespace tenure::cli {

// Memory does not grow with it. Not thread-safe.
class OutputFile {
 public:
  // When standard output gets what is appended.
  enum class Shown {
    kAsItComes,  // rows may stand there when the command fails later
    kAtOnce,     // all or nothing: a document. What is more than 16 MiB waits in a temporary file
  };

  // Standard output where `path` is empty. What is no file, such as a device or a pipe, is written
  // as it is; a link stays one. UNAVAILABLE naming the path.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path,
                                                            Shown shown = Shown::kAsItComes);
  // What was not kept is removed; of standard output nothing can be.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Where to append; written out now and then by Flow.
  std::string* text() { return &text_; }
  void Flow() {
    if (text_.size() >= full_) Write();
  }
  // The rest, and the name. UNAVAILABLE when any of it could not be written. Last.
  absl::Status Keep();

 private:
  static constexpr size_t kFull = size_t{1} << 18;
  static constexpr size_t kWaiting = size_t{16} << 20;
  OutputFile(std::string path, std::string temporary, std::FILE* file, bool waits)
      : path_(std::move(path)),
        temporary_(std::move(temporary)),
        file_(file),
        waits_(waits),
        full_(waits ? kWaiting : kFull) {}
  void Write();
  absl::Status ShowWaiting();

  const std::string path_;
  const std::string temporary_;  // to be renamed to it; empty: none
  std::FILE* file_;
  const bool waits_;  // for Keep, to go to standard output
  const size_t full_;
  OpenFile waiting_;     // none: all that there is waits in text_
  absl::Status opened_;  // of waiting_
  std::string text_;
  int error_ = 0;  // errno of the first write that failed
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_OUTPUT_FILE_H_
