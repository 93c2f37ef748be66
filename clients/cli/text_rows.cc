#include "clients/cli/text_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tenure::cli {

TextRows::TextRows(std::string path)
    : path_(std::move(path)),
      buffer_(std::make_unique<char[]>(kBuffer)),
      at_(buffer_.get()),
      full_(buffer_.get() + kBuffer - kMostRow),
      end_(buffer_.get() + kBuffer) {
  file_ = path_.empty() ? stdout : std::fopen((path_ + ".tmp").c_str(), "wb");
  failed_ = file_ == nullptr;
  // One copy is enough: rows are gathered here already.
  if (file_ != nullptr && !path_.empty()) std::setvbuf(file_, nullptr, _IONBF, 0);
}

TextRows::~TextRows() {
  if (file_ == nullptr || path_.empty()) return;
  std::fclose(file_);
  std::remove((path_ + ".tmp").c_str());
}

void TextRows::AddFixed(uint64_t units, int decimals) {
  uint64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  Add(units / scale);
  *at_ = '.';
  uint64_t rest = units % scale;
  for (int i = decimals; i > 0; --i) {
    at_[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  at_ += decimals + 1;
}

void TextRows::Write() {
  const auto size = static_cast<size_t>(at_ - buffer_.get());
  if (!failed_) failed_ = std::fwrite(buffer_.get(), 1, size, file_) != size;
  at_ = buffer_.get();
}

absl::Status TextRows::Unwritable() const {
  return absl::UnavailableError(absl::StrCat("can't write ", path_.empty() ? "-" : path_));
}

absl::Status TextRows::Finish() {
  if (at_ != buffer_.get()) Write();
  if (failed_) return Unwritable();
  if (path_.empty()) return std::fflush(stdout) == 0 ? absl::OkStatus() : Unwritable();
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (closed && std::rename((path_ + ".tmp").c_str(), path_.c_str()) == 0) return absl::OkStatus();
  std::remove((path_ + ".tmp").c_str());
  return Unwritable();
}

}  // namespace tenure::cli
