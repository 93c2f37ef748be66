#include "clients/cli/output_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::cli {
namespace {

constexpr char kStandardOutput[] = "standard output";

// Where a link leads to.
std::string Resolved(const std::string& path) {
  char* const real = realpath(path.c_str(), nullptr);
  const std::string resolved = real == nullptr ? path : real;
  std::free(real);
  return resolved;
}

// A device or a pipe can't be replaced by a file.
bool IsWrittenInPlace(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path,
                                                               Shown shown) {
  const bool in_place = path.empty() || IsWrittenInPlace(path);
  const std::string written = in_place ? path : Resolved(path) + ".tmp";
  std::FILE* file = path.empty() ? stdout : std::fopen(written.c_str(), "wb");
  if (file == nullptr) {
    return absl::UnavailableError(absl::StrCat("can't write ", path, ": ", std::strerror(errno)));
  }
  const bool waits = path.empty() && shown == Shown::kAtOnce;
  std::unique_ptr<OutputFile> output(new OutputFile(path, in_place ? "" : written, file, waits));
  output->text_.reserve(kFull + kFull / 4);
  return output;
}

OutputFile::~OutputFile() {
  if (path_.empty() || file_ == nullptr) return;
  std::fclose(file_);
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

void OutputFile::Write() {
  std::FILE* to = file_;
  if (waits_) {
    if (waiting_ == nullptr && opened_.ok()) {
      absl::StatusOr<OpenFile> opened = OpenTemporaryFile();
      opened_ = opened.status();
      if (opened.ok()) waiting_ = *std::move(opened);
    }
    to = waiting_.get();
  }
  if (to != nullptr && std::fwrite(text_.data(), 1, text_.size(), to) != text_.size() &&
      error_ == 0) {
    error_ = errno;
  }
  text_.clear();
}

absl::Status OutputFile::ShowWaiting() {
  Write();
  TENURE_RETURN_IF_ERROR(opened_);
  if (std::fflush(waiting_.get()) != 0 && error_ == 0) error_ = errno;
  if (error_ != 0) {
    return absl::UnavailableError(absl::StrCat("can't write ", TemporaryFileName(), ": ",
                                               std::strerror(error_),
                                               "; TMPDIR names another folder, and --output, where "
                                               "there is one, needs none"));
  }
  std::rewind(waiting_.get());
  return CopyFile(waiting_.get(), TemporaryFileName(), stdout, kStandardOutput);
}

absl::Status OutputFile::Keep() {
  if (waiting_ != nullptr || !opened_.ok()) return ShowWaiting();
  if (std::fwrite(text_.data(), 1, text_.size(), file_) != text_.size() && error_ == 0) {
    error_ = errno;
  }
  if (std::fflush(file_) != 0 && error_ == 0) error_ = errno;
  if (!path_.empty()) {
    if (std::fclose(file_) != 0 && error_ == 0) error_ = errno;
    file_ = nullptr;
    const bool renamed = !temporary_.empty();
    if (renamed && error_ == 0 && std::rename(temporary_.c_str(), Resolved(path_).c_str()) != 0) {
      error_ = errno;
    }
    if (renamed && error_ != 0) std::remove(temporary_.c_str());
  }
  if (error_ == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "can't write ", path_.empty() ? kStandardOutput : path_, ": ", std::strerror(error_)));
}

}  // namespace tenure::cli
