#include "clients/cli/temporary_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tenure::cli {
namespace {

constexpr size_t kBlock = size_t{1} << 20;

std::string Folder() {
  const char* const given = std::getenv("TMPDIR");
  return given == nullptr || *given == '\0' ? "/tmp" : given;
}

absl::Status Failed(absl::string_view what, const std::string& name) {
  return absl::UnavailableError(
      absl::StrCat("can't ", what, " ", name, ": ", std::strerror(errno)));
}

}  // namespace

std::string TemporaryFileName() { return absl::StrCat("a temporary file in ", Folder()); }

absl::StatusOr<OpenFile> OpenTemporaryFile() {
  std::string path = absl::StrCat(Folder(), "/tenure-XXXXXX");
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) {
    return absl::UnavailableError(absl::StrCat("can't open ", TemporaryFileName(), ": ",
                                               std::strerror(errno),
                                               "; TMPDIR names another folder"));
  }
  unlink(path.c_str());
  OpenFile file(fdopen(descriptor, "w+b"));
  if (file == nullptr) return Failed("open", TemporaryFileName());
  return file;
}

absl::Status CopyFile(std::FILE* from, const std::string& from_name, std::FILE* to,
                      const std::string& to_name) {
  std::vector<char> block(kBlock);
  while (true) {
    const size_t count = std::fread(block.data(), 1, block.size(), from);
    if (count == 0) break;
    if (std::fwrite(block.data(), 1, count, to) != count) return Failed("write", to_name);
  }
  if (std::ferror(from) != 0) return Failed("read", from_name);
  return std::fflush(to) == 0 ? absl::OkStatus() : Failed("write", to_name);
}

}  // namespace tenure::cli
