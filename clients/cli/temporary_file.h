// A file for what is too large to hold in memory.
#ifndef TENURE_CLIENTS_CLI_TEMPORARY_FILE_H_
#define TENURE_CLIENTS_CLI_TEMPORARY_FILE_H_

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tenure::cli {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, FileCloser>;

// An empty file to write and read, without a name: gone when it is closed, also by a crash. In
// $TMPDIR, else /tmp. UNAVAILABLE naming the folder.
absl::StatusOr<OpenFile> OpenTemporaryFile();

// The rest of `from` to the end of `to`. UNAVAILABLE naming both by these names.
absl::Status CopyFile(std::FILE* from, const std::string& from_name, std::FILE* to,
                      const std::string& to_name);

// How messages name a temporary file: "a temporary file in /tmp".
std::string TemporaryFileName();

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_TEMPORARY_FILE_H_
