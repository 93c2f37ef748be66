#include "clients/cli/output_file.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace tenure::cli {

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  std::FILE* file = path.empty() ? stdout : std::fopen((path + ".tmp").c_str(), "wb");
  if (file == nullptr) {
    return absl::UnavailableError(absl::StrCat("can't write ", path, ": ", std::strerror(errno)));
  }
  std::unique_ptr<OutputFile> output(new OutputFile(path, file));
  output->text_.reserve(kFull + kFull / 4);
  return output;
}

OutputFile::~OutputFile() {
  if (path_.empty() || file_ == nullptr) return;
  std::fclose(file_);
  std::remove(temporary().c_str());
}

void OutputFile::Write() {
  if (std::fwrite(text_.data(), 1, text_.size(), file_) != text_.size() && error_ == 0) {
    error_ = errno;
  }
  text_.clear();
}

absl::Status OutputFile::Keep() {
  Write();
  if (std::fflush(file_) != 0 && error_ == 0) error_ = errno;
  if (!path_.empty()) {
    if (std::fclose(file_) != 0 && error_ == 0) error_ = errno;
    file_ = nullptr;
    if (error_ == 0 && std::rename(temporary().c_str(), path_.c_str()) != 0) error_ = errno;
    if (error_ != 0) std::remove(temporary().c_str());
  }
  if (error_ == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "can't write ", path_.empty() ? "standard output" : path_, ": ", std::strerror(error_)));
}

}  // namespace tenure::cli
